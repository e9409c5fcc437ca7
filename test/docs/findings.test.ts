// The pages of findings are made from the catalogue and from the museum. What they show of a run is
// compared by `npm run findings`, which takes minutes.
import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { before, test } from "node:test";
import { CATALOGUE } from "#src/prove/findings/catalogue.js";

import { read, root } from "../package/project.js";

interface Regenerate {
  readonly produce: (kind: string, from: string) => string;
  readonly isFromTables: (file: string) => boolean;
}

interface Render {
  readonly renderFromCatalogue: (name: string) => string;
  readonly commandOf: (id: string, file: string, words: string) => string;
}

const FOLDER = "docs/findings";
const pages = readdirSync(path.join(root, FOLDER)).filter((name) => name.endsWith(".md"));
const pageOf = (id: string): string => `${FOLDER}/${id.replace("/", "-")}.md`;

let regenerate: Regenerate;
let render: Render;

before(async () => {
  const load = (file: string): Promise<unknown> =>
    import(pathToFileURL(path.join(root, "docs", file)).href);
  regenerate = (await load("regenerate.js")) as Regenerate;
  render = (await load("findings/render.js")) as Render;
});

test("every finding has a page, and no page is of another", () => {
  const expected = CATALOGUE.map(({ id }) => path.basename(pageOf(id)));
  assert.deepEqual(pages.toSorted(), [...expected, "README.md"].toSorted());
});

test("the pages and the table say what the catalogue says", () => {
  for (const page of pages) assert.ok(regenerate.isFromTables(`${FOLDER}/${page}`), page);
  for (const { id, title, cause, next } of CATALOGUE) {
    for (const text of [title, cause, next]) assert.ok(read(pageOf(id)).includes(text), id);
    assert.ok(read(`${FOLDER}/README.md`).includes(`[\`${id}\`]`), id);
  }
  // Control: the text is the finding's own.
  const [one, other] = CATALOGUE.map(({ id }) => render.renderFromCatalogue(id));
  assert.notEqual(one, other);
});

/** What the same defect shows as well. */
function besideOf(id: string): readonly string[] {
  const folder = `test/fixtures/services/${id.replace("/", "-")}`;
  const manifest = JSON.parse(readFileSync(path.join(root, folder, "service.json"), "utf8")) as {
    beside?: string[];
  };
  return manifest.beside ?? [];
}

test("a page shows the run of its broken service, with its own finding and no other", () => {
  for (const { id } of CATALOGUE) {
    const text = read(pageOf(id));
    const block = /<!-- output: (.+?) § findings -->\n\n```console\n\$ .+\n\n([\s\S]+?)\n```/.exec(
      text,
    );
    const [, command = "", shown = ""] = block ?? [];
    const [, words = "", file = ""] = / ((?:\w+ )(broken\.\w+))(?: &|$)/.exec(command) ?? [];
    assert.equal(command, render.commandOf(id, file, words), id);
    const found = [...shown.matchAll(/^(?:error|warning) ([\w-]+\/[\w-]+): /gm)];
    assert.deepEqual(
      found.map((match) => match[1]).filter((one) => !besideOf(id).includes(one ?? "")),
      [id],
    );
  }
});

test("a page shows what has to change in its broken service", () => {
  for (const { id } of CATALOGUE) {
    const block = /<!-- diff: (.+?) -->\n\n```diff\n([\s\S]+?)\n```/.exec(read(pageOf(id)));
    const [, files = "", shown = ""] = block ?? [];
    assert.ok(files.includes(`/${id.replace("/", "-")}/broken.`), id);
    assert.equal(shown, regenerate.produce("diff", files), id);
    assert.match(shown, /^[+-]/m, id);
  }
});
