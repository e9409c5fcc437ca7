// What `--fix` would do to the bad examples of the pages: each edit takes its finding away, and brings no other.
import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { test } from "node:test";
import type { LintFinding } from "#src/lint/index.js";
import { read, root } from "../package/project.js";

type Files = ReadonlyMap<string, string>;

interface Examples {
  readonly readExamples: (page: string) => { readonly name: string; readonly files: Files }[];
  readonly lintFiles: (files: Files) => readonly LintFinding[];
}

function apply(files: Files, { edit }: LintFinding): Files {
  if (edit === null) return files;
  const { file, start, end } = edit.spot;
  const text = files.get(file) ?? "";
  return new Map([...files, [file, text.slice(0, start) + edit.text + text.slice(end)]]);
}

test("each edit takes its finding away, and brings no other", async () => {
  const url = pathToFileURL(path.join(root, "docs", "lint", "examples.js")).href;
  const { readExamples, lintFiles } = (await import(url)) as Examples;
  const pages = ["docs/lint", "test/lint/rules"].flatMap((folder) =>
    readdirSync(path.join(root, folder))
      .filter((name) => name.endsWith(".md"))
      .map((name) => `${folder}/${name}`),
  );
  let count = 0;
  for (const page of pages) {
    for (const { name, files } of readExamples(read(page))) {
      const before = lintFiles(files);
      for (const finding of before.filter(({ edit }) => edit !== null)) {
        const say = ({ id, what }: LintFinding): string => `${id} ${what}`;
        const left = lintFiles(apply(files, finding)).map(say);
        const expected = before.map(say).filter((each) => each !== say(finding));
        assert.deepEqual(left, expected, `${page}, ${name}`);
        count += 1;
      }
    }
  }
  assert.ok(count >= 25, `${count} edits`);
});
