// Each rule has a page, whose examples are its tests: what is bad is found as the page shows it, with its own rule and no
// other, and what is good has nothing. Cases that explain nothing to a reader are in rules/, in the same form.
import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { before, test } from "node:test";
import { CATALOGUE } from "#src/lint/index.js";
import type { LintFinding } from "#src/lint/index.js";

import { read, root } from "../package/project.js";

interface Example {
  readonly section: "Bad" | "Good";
  readonly name: string;
  readonly files: ReadonlyMap<string, string>;
  readonly output: { readonly text: string } | undefined;
}

interface Examples {
  readonly readExamples: (page: string) => Example[];
  readonly lintFiles: (files: ReadonlyMap<string, string>) => readonly LintFinding[];
  readonly renderOutput: (files: ReadonlyMap<string, string>) => string;
}

const pageOf = (id: string): string => `docs/lint/${id.replace("/", "-")}.md`;
const list = (folder: string): string[] =>
  readdirSync(path.join(root, folder))
    .filter((name) => name.endsWith(".md"))
    .map((name) => `${folder}/${name}`);
const idOf = (file: string): string =>
  CATALOGUE.find(({ id }) => path.basename(pageOf(id)) === path.basename(file))?.id ?? "";

let examples: Examples;
before(async () => {
  const url = pathToFileURL(path.join(root, "docs", "lint", "examples.js")).href;
  examples = (await import(url)) as Examples;
});

test("every rule has a page with a bad and a good example, and no page is of another", () => {
  assert.deepEqual(list("docs/lint").toSorted(), CATALOGUE.map(({ id }) => pageOf(id)).toSorted());
  for (const { id, title, cause, next } of CATALOGUE) {
    const text = read(pageOf(id));
    for (const part of [title, cause, next]) assert.ok(text.includes(part), `${id}: ${part}`);
    const sections = new Set(examples.readExamples(text).map(({ section }) => section));
    assert.deepEqual([...sections].toSorted(), ["Bad", "Good"], id);
  }
});

for (const file of [...list("docs/lint"), ...list("test/lint/rules")]) {
  test(`${file}: what is bad is found where the page says, and what is good is not`, () => {
    for (const { section, name, files, output } of examples.readExamples(read(file))) {
      const findings = examples.lintFiles(files);
      if (section === "Good") {
        assert.deepEqual(findings, [], name);
        continue;
      }
      assert.deepEqual([...new Set(findings.map(({ id }) => id))], [idOf(file)], name);
      assert.equal(output?.text, examples.renderOutput(files), name);
      for (const { evidence } of findings) {
        for (const { source } of evidence)
          assert.ok(source !== null && files.has(source.file), name);
      }
    }
  });
}

test("an example with another fault, or without its own, is seen", () => {
  const page = read(pageOf("budget/exceeds-grant"));
  const [bad, good] = ["Bad", "Good"].map((section) =>
    examples.readExamples(page).find((one) => one.section === section),
  );
  assert.ok(bad !== undefined && good !== undefined);
  assert.notEqual(examples.lintFiles(bad.files).length, 0);
  assert.notEqual(bad.output?.text, examples.renderOutput(good.files));
});
