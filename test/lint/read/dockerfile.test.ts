// Dockerfiles, compared with what another parser makes of them.
import assert from "node:assert/strict";
import { test } from "node:test";
import { DockerfileParser } from "dockerfile-ast";
import { readDockerfile } from "#src/lint/read/dockerfile/dockerfile.js";
import { Source } from "#src/lint/source/source.js";

const FILES: readonly string[] = [
  `FROM node:22 AS build\nWORKDIR /app\nCOPY package*.json ./\nRUN npm ci && \\\n    npm run build\nFROM node:22-alpine\nCOPY --from=build --chown=node /app /app\nCMD ["node", "server.js"]\n`,
  `# syntax=docker/dockerfile:1\nARG TAG=22\nFROM node:\${TAG}\nRUN <<EOF\nset -e\nCMD ["no", "instruction"]\nEOF\nENTRYPOINT node server.js\n`,
  `FROM alpine\r\nRUN apk add \\\r\n  # in between\r\n\r\n  nodejs\r\nCMD node server.js\r\n`,
  '# escape=`\nFROM mcr.microsoft.com/windows\nRUN dir `\n  C:\\\nCMD ["node.exe"]\n',
  `FROM a\nHEALTHCHECK --interval=5s --timeout=3s CMD curl -f http://localhost/\nSTOPSIGNAL SIGQUIT\nONBUILD RUN echo x\n`,
  `from node:22\n\tcmd [ "node" ,\\\n "server.js" ]`,
  `FROM a\nCOPY <<-"EOF" /etc/x <<B /etc/y\n\tone\n\tEOF\ntwo\nB\nCMD ["x"]\n`,
];

/** Keyword, its line, and its text without what joins lines. */
type Row = readonly [keyword: string, line: number, words: string];

const squeeze = (text: string): string => text.replaceAll(/\s+/g, " ").trim();

function readOurs(text: string): Row[] {
  const { value, problems } = readDockerfile(new Source("Dockerfile", text));
  assert.deepEqual(problems, []);
  return value.map(({ keyword, spot, words, flags }) => [
    keyword,
    spot.line,
    squeeze([...flags, ...words].map((word) => word.text).join(" ")),
  ]);
}

function readTheirs(text: string): Row[] {
  return DockerfileParser.parse(text)
    .getInstructions()
    .map((one) => [
      one.getKeyword(),
      one.getRange().start.line + 1,
      squeeze(
        one.getExpandedArguments().length === 0
          ? ""
          : one
              .getArguments()
              .map((word) => word.getValue())
              .join(" "),
      ),
    ]);
}

for (const [at, text] of FILES.entries()) {
  test(`Dockerfile ${at + 1}: the same instructions on the same lines as another parser finds`, () => {
    const [ours, theirs] = [readOurs(text), readTheirs(text)];
    assert.deepEqual(
      ours.map(([keyword, line]) => [keyword, line]),
      theirs.map(([keyword, line]) => [keyword, line]),
    );
    assert.ok(ours.length > 2 || at === 5);
  });
}

test("Dockerfile: the exec form has the place of each word, and says why it is none", () => {
  const read = (text: string): ReturnType<typeof readDockerfile>["value"][number]["exec"] =>
    readDockerfile(new Source("Dockerfile", text)).value[0]?.exec ?? null;
  const exec = read('CMD ["node", \\\n  "a\\"b.js"]');
  assert.deepEqual(
    exec?.words?.map(({ text, spot }) => [text, spot.line, spot.column]),
    [
      ["node", 1, 6],
      ['a"b.js', 2, 3],
    ],
  );
  for (const [text, why] of [
    ["CMD ['node']", /double quotes/],
    ['CMD ["node",]', /comma stands before/],
    ['CMD ["node" "x"]', /comma is missing/],
    ['CMD ["node"', /not closed/],
    ['CMD ["node"] && x', /follows the bracket/],
    ["CMD [node]", /not in quotes/],
    ["CMD [1]", /no string/],
  ] as const) {
    assert.match(read(text)?.why ?? "", why, text);
  }
  assert.equal(read("CMD node"), null);
});

test("Dockerfile: a line that is no instruction is a problem, and hides no other", () => {
  const { value, problems } = readDockerfile(
    new Source("Dockerfile", "FROM a\n<<<<<<< ours\nCMD x\n"),
  );
  assert.deepEqual(
    value.map(({ keyword }) => keyword),
    ["FROM", "CMD"],
  );
  assert.deepEqual(
    problems.map(({ spot }) => spot.line),
    [2],
  );
});
