import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { test, type TestContext } from "node:test";
import { Placer } from "#src/prove/inspect/places/place.js";
import { SourceMaps } from "#src/prove/inspect/places/source-map.js";
import { compiledFixture, readBlames } from "./inspect-fixture.js";

const COMMENT = "//# sourceMappingURL=";

/** A compiled service, its text, and the place of what its source blames on `name`. */
async function readCompiled(name: string): Promise<{ file: string; text: string; line: number }> {
  const file = compiledFixture("gives-up");
  const text = await readFile(file, "utf8");
  const line = text.split("\n").findIndex((each) => each.includes(`// blame: ${name}`)) + 1;
  return { file, text, line };
}

async function temporaryFile(t: TestContext, name: string, text: string): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), "lastcall-map-"));
  t.after(() => rm(folder, { recursive: true }));
  await writeFile(path.join(folder, name), text);
  return path.join(folder, name);
}

test("a map beside the file names the line of the source", async () => {
  const { file, line } = await readCompiled("ignores");
  const blamed = (await readBlames("gives-up")).get("ignores");
  assert.notEqual(line, blamed, "(control: the compiled line is another one)");
  const original = new SourceMaps().apply({ file, line, column: 20 });
  assert.match(original.file, /\/test\/fixtures\/inspect\/gives-up\.ts$/);
  assert.equal(original.line, blamed);
});

test("a map in the file itself does too", async (t) => {
  const { file, text, line } = await readCompiled("ignores");
  const map = Buffer.from(await readFile(`${file}.map`)).toString("base64");
  const inline = `${COMMENT}data:application/json;charset=utf-8;base64,${map}`;
  const inlined = text.replace(new RegExp(`${COMMENT}.*`), inline);
  const copy = await temporaryFile(t, "inline.js", inlined);
  const original = new SourceMaps().apply({ file: copy, line, column: 20 });
  assert.match(original.file, /gives-up\.ts$/);
  assert.equal(original.line, (await readBlames("gives-up")).get("ignores"));
});

test("without a map, with a missing or a broken one the position stays", async (t) => {
  for (const text of [
    "x();\n",
    `x();\n${COMMENT}gone.js.map\n`,
    `x();\n${COMMENT}data:application/json,{\n`,
  ]) {
    const file = await temporaryFile(t, "plain.js", text);
    const position = { file, line: 1, column: 1 };
    assert.deepEqual(new SourceMaps().apply(position), position);
  }
});

test("what a bundle took from a package is the package's", async (t) => {
  // One line of code; its first column from a package, its eleventh from the service.
  const map = {
    version: 3,
    sources: ["webpack://shop/./node_modules/pg/lib/client.js", "webpack://shop/./src/orders.ts"],
    names: [],
    mappings: "AAAA,UCAA",
  };
  const text = `query();   list();\n${COMMENT}data:application/json,${encodeURIComponent(JSON.stringify(map))}\n`;
  const file = await temporaryFile(t, "bundle.js", text);
  const placer = new Placer();
  const frame = { name: "f", type: null, file, line: 1, isMapped: false };
  const [own, service] = [1, 12].map((column) => placer.place({ ...frame, column }));
  assert.deepEqual([own?.owner, own?.package], ["package", "pg"]);
  assert.deepEqual([service?.owner, service?.file], ["service", "src/orders.ts"]);
});
