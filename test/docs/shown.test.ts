import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { test } from "node:test";

import { read, root, temporaryFolder } from "../package/project.js";
import { documents, readHeadings } from "./markdown.js";

const LONGEST_RUN = 110_000;

function check(folder: string): { status: number | null; stdout: string } {
  const script = path.join(folder, "docs", "regenerate.js");
  return spawnSync(process.execPath, [script, "--check"], {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "inherit"],
    timeout: LONGEST_RUN,
  });
}

// This is the main job's own test too: `npm start` must exit with 0, which it does only when the
// shop without lastcall drops requests, the shop with it drops none, and both journals are exact.
test("npm start proves the shop, and every output in the documents is what its command prints", () => {
  const { status, stdout } = check(root);
  assert.equal(status, 0, stdout);
});

test("a document that shows something else is found", (t) => {
  const folder = temporaryFolder(t);
  for (const name of ["findings", "lint"]) {
    mkdirSync(path.join(folder, "docs", name), { recursive: true });
  }
  for (const file of [
    "regenerate.js",
    "shape.js",
    "options-table.js",
    "findings/render.js",
    "lint/render.js",
  ]) {
    copyFileSync(path.join(root, "docs", file), path.join(folder, "docs", file));
  }
  writeFileSync(path.join(folder, "package.json"), '{"type":"module"}');
  const write = (text: string): void => {
    writeFileSync(path.join(folder, "README.md"), text);
  };
  const block = (shown: string): string =>
    `<!-- output: node -p "'✓ dropped == 0   7 of 9'" -->\n\n\`\`\`\n${shown}\n\`\`\`\n`;

  write(block("✓ dropped == 0   0 of 12"));
  assert.equal(check(folder).status, 1, "0 is not some number");
  write(block("✗ dropped == 0   3 of 12"));
  assert.equal(check(folder).status, 1, "another verdict");
  write(block("✓ dropped == 0   3 of 1,200"));
  assert.equal(check(folder).status, 0, "other measured numbers");
  write("<!-- source: docs/shape.js -->\n\n```js\n```\n");
  assert.equal(check(folder).status, 1, "another source");

  // And it can be made true again.
  const script = path.join(folder, "docs", "regenerate.js");
  assert.equal(spawnSync(process.execPath, [script]).status, 0);
  assert.equal(check(folder).status, 0);
  const shape = readFileSync(path.join(folder, "docs", "shape.js"), "utf8");
  assert.ok(readFileSync(path.join(folder, "README.md"), "utf8").includes(shape));
});

test("the shape of an output keeps words, verdicts, exit codes and zeros", async () => {
  const url = pathToFileURL(path.join(root, "docs", "shape.js")).href;
  const { toShape } = (await import(url)) as { toShape: (text: string) => string };
  const lines = [
    ["✓ dropped requests == 0   0 of 1,526", "✓ dropped requests == 0  0 of N"],
    [
      "✗ exit code == 0          137 (SIGKILL; kept open by: 2 × a)",
      "✗ exit code == 0  137 (SIGKILL; kept open by: …",
    ],
    ["✓ time to exit < grace 10 s   1.9 s", "✓ time to exit < grace T  T"],
    ["PASS  seed 1234", "PASS  seed N"],
    ["with.js      506   506   0", "with.js  N  N  0"],
    ["answered  ▇▆██  ▁", "answered ~"],
    ["    --grace 10s --lag 1s", "    --grace 10s --lag 1s"],
    ["server.listen(3000);", "server.listen(3000);"],
  ] as const;
  for (const [line, shape] of lines) assert.equal(toShape(line), shape);
  const found = (id: string): string => `error ${id}: 3 lost\n    · one\n  why: x\n    y\n\n`;
  assert.equal(toShape(`${found("a/b")}FAIL  seed 1`), "error a/b\n\nFAIL  seed N");
  assert.equal(
    toShape(`${found("a/b")}${found("c/d")}FAIL  seed 1`),
    "… findings …\n\nFAIL  seed N",
  );
  const marks = "  B  1.9 s  last byte\n  S  0 ms  sent";
  assert.equal(toShape(marks), "B T  last byte\nS T  sent");
});

// A stray fence turns all that follows inside out, and hides it from the tests below.
test("every code block in the documents is closed by the fence that opened it", () => {
  for (const file of documents) {
    let isInside = false;
    for (const [index, line] of read(file).split("\n").entries()) {
      if (!/^ *(`{3,}|~{3,})/.test(line)) continue;
      assert.match(line, isInside ? /^```$/ : /^```\w*$/, `${file}:${index + 1}`);
      isInside = !isInside;
    }
    assert.ok(!isInside, `${file} ends inside a code block`);
  }
});

test("every JavaScript block in the documents parses", (t) => {
  const folder = temporaryFolder(t);
  for (const file of documents) {
    for (const [index, match] of [...read(file).matchAll(/^```js\n(.*?)^```$/gms)].entries()) {
      const program = path.join(folder, `${path.basename(file)}.${index}.mjs`);
      writeFileSync(program, match[1] ?? "");
      const { status, stderr } = spawnSync(process.execPath, ["--check", program], {
        encoding: "utf8",
      });
      assert.equal(status, 0, `${file}, block ${index}: ${stderr}`);
    }
  }
});

test("every link between the documents leads somewhere", () => {
  const prose = (file: string): string => read(file).replaceAll(/^```.*?^```$/gms, "");
  for (const file of documents) {
    for (const match of prose(file).matchAll(/\]\((?!https?:)([^)#]*)(?:#([^)]+))?\)/g)) {
      const [, to = "", anchor] = match;
      const target = to === "" ? file : path.join(path.dirname(file), to);
      assert.ok(existsSync(path.join(root, target)), `${file} links to ${target}`);
      if (anchor === undefined) continue;
      const anchors = readHeadings(target).map((heading) =>
        heading
          .toLowerCase()
          .replaceAll(/[^\w\- ]/g, "")
          .replaceAll(" ", "-"),
      );
      assert.ok(anchors.includes(anchor), `${file} links to ${target}#${anchor}`);
    }
  }
});
