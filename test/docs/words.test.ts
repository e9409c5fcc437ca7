import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { before, test } from "node:test";

import { root, temporaryFolder } from "../package/project.js";

interface Place {
  readonly line: number;
  readonly found: string;
  readonly word: { readonly instead: string };
}

type FindWords = (text: string, kind: { isMarkdown: boolean }) => Place[];

let findWords: FindWords;

before(async () => {
  const url = pathToFileURL(path.join(root, "scripts", "words", "find.mjs")).href;
  ({ findWords } = (await import(url)) as { findWords: FindWords });
});

const BAD: readonly string[] = [
  "It is a socket that nobody reads.",
  "Somebody else has the port.",
  "The timer fires for whoever waits.",
  "whom to tell of it",
  "/** Who comes to one server. */",
  "A connection who is idle is closed.",
  'const text = "the process is held by 3 sockets";',
  "It is closed all the same.",
  "1. **The truth.** An exit code to rely on.",
  "a probe that tells the truth",
];

const GOOD: readonly string[] = [
  "Someone who deploys reads it.",
  "For everyone who runs a service: those who know Node, readers who do not.",
  "It is a socket that no client reads.",
  "kept open by 3 sockets",
  "They are all the same size, and all the same words.",
  "It is closed anyway.",
  "a whole answer whose head was seen",
];

test("each of the words is found in a document, a comment and a message", () => {
  for (const line of BAD) {
    for (const isMarkdown of [true, false]) {
      const places = findWords(`A line.\n${line}\n`, { isMarkdown });
      assert.equal(places[0]?.line, 2, line);
      assert.ok((places[0]?.word.instead ?? "").length > 0);
    }
  }
});

test("what is said of people, or means something else, is let be", () => {
  for (const line of GOOD) assert.deepEqual(findWords(line, { isMarkdown: true }), [], line);
});

test("a heading that does not say what stands under it is found, and no line of code", () => {
  const found = (text: string): number => findWords(text, { isMarkdown: true }).length;
  for (const heading of ["## When", "### Its own noise", "# How sure", "## Others"]) {
    assert.equal(found(`${heading}\n`), 1, heading);
    assert.equal(found(`\`\`\`http\n${heading}\n\`\`\`\n`), 0, heading);
    assert.equal(findWords(heading, { isMarkdown: false }).length, 0, heading);
  }
  for (const heading of ["## When something is thrown", "## How sure a verdict is"]) {
    assert.equal(found(`${heading}\n`), 0, heading);
  }
});

/** What the check says of a working copy with one document. */
function check(folder: string, text: string): { status: number | null; stdout: string } {
  writeFileSync(path.join(folder, "README.md"), text);
  spawnSync("git", ["add", "README.md"], { cwd: folder });
  const script = path.join(folder, "scripts", "words.mjs");
  return spawnSync(process.execPath, [script], { encoding: "utf8" });
}

test("the check passes here, and fails where a document has one of the words", (t) => {
  const script = path.join(root, "scripts", "words.mjs");
  const { status, stdout } = spawnSync(process.execPath, [script], { encoding: "utf8" });
  assert.equal(status, 0, stdout);

  const folder = temporaryFolder(t);
  mkdirSync(path.join(folder, "scripts"));
  for (const name of ["words", "words.mjs"]) {
    cpSync(path.join(root, "scripts", name), path.join(folder, "scripts", name), {
      recursive: true,
    });
  }
  spawnSync("git", ["init", "--quiet"], { cwd: folder });
  assert.equal(check(folder, "# A page\n\nIt is closed.\n").status, 0);
  const bad = check(folder, "# A page\n\nA socket that nobody reads, who waits.\n\nHeld by it.\n");
  assert.equal(bad.status, 1);
  assert.match(bad.stdout, /README\.md:3: nobody: .*Write /);
});
