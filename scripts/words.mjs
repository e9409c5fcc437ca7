// @ts-check
// Looks for words that are not used here, in documents, messages, comments and names: like a spelling check.
//
//   node scripts/words.mjs              all that is published or read
//   node scripts/words.mjs src/server   files whose path contains that
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import path from "node:path";

import { findWords } from "./words/find.mjs";

const root = path.join(import.meta.dirname, "..");
const LOOKED_AT = [
  "README.md",
  "CONTRIBUTING.md",
  "CHANGELOG.md",
  "docs/*.md",
  "docs/*.json",
  "src",
  "examples",
];

const parts = process.argv.slice(2);
const { stdout } = spawnSync("git", ["ls-files", "-z", "--", ...LOOKED_AT], {
  cwd: root,
  encoding: "utf8",
});
const files = stdout
  .split("\0")
  .filter((file) => /\.(?:md|ts|js|mjs|css|json)$/.test(file))
  .filter((file) => parts.length === 0 || parts.some((part) => file.includes(part)));
if (files.length === 0) throw new Error("no file to look at");

for (const file of files) {
  const text = readFileSync(path.join(root, file), "utf8");
  for (const place of findWords(text, { isMarkdown: file.endsWith(".md") })) {
    const { reason, instead } = place.word;
    console.log(
      `${file}:${place.line}: ${place.found}: ${reason}. Write ${instead}\n    ${place.text}`,
    );
    process.exitCode = 1;
  }
}
