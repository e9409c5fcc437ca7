// How often requests took effect, as a command or a URL tells it.
import assert from "node:assert/strict";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { test } from "node:test";
import { CannotRunError } from "#src/prove/index.js";
import { findFreePort } from "#src/prove/machine/port.js";
import { askEffects, readEffects } from "#src/prove/subject/effects.js";

const FORMS: readonly (readonly [string, string])[] = [
  ["an id a line", "a\nb\n  a \n\n"],
  ["a list", '["a", "b", "a"]'],
  ["a list of records", '[{"id":"a"},{"id":"b","kind":"order"},{"id":"a"}]'],
  ["a record a line", '{"id":"a"}\n{"id":"b"}\n{"id":"a"}\n'],
  ["counts", '{"a": 2, "b": 1, "c": 0}'],
];

for (const [name, text] of FORMS) {
  test(`effects are read from ${name}`, () => {
    assert.deepEqual(
      [...readEffects(text)].toSorted(([a], [b]) => a.localeCompare(b)),
      [
        ["a", 2],
        ["b", 1],
      ],
    );
  });
}

test("effects: one record alone, nothing at all, and what is no JSON after all", () => {
  assert.deepEqual([...readEffects('{"id":"a"}')], [["a", 1]]);
  assert.deepEqual([...readEffects("")], []);
  assert.deepEqual(
    [...readEffects("{a\n[b\n")],
    [
      ["{a", 1],
      ["[b", 1],
    ],
  );
});

test("effects are asked of a command, which knows the port, and of a URL", async (t) => {
  assert.deepEqual([...(await askEffects('echo "p-$PORT"', { PORT: "7" }))], [["p-7", 1]]);
  const server = createServer((_request, response) => response.end("a\na\n")).listen(0);
  t.after(() => server.close());
  const { port } = server.address() as AddressInfo;
  const url = `http://127.0.0.1:${String(port)}/`;
  assert.deepEqual([...(await askEffects(url, {}))], [["a", 2]]);
});

const FAILING: readonly (readonly [string, string, RegExp])[] = [
  ["a command that fails", "echo no such file >&2; exit 3", /^`.*`, .* failed: no such file$/],
  [
    "a URL that nothing serves",
    `http://127.0.0.1:${String(await findFreePort())}/`,
    /^asking http.* failed: .*ECONNREFUSED/,
  ],
];

for (const [name, asked, text] of FAILING) {
  test(`effects: ${name} has no verdict`, async () => {
    await assert.rejects(askEffects(asked, process.env), (error) => {
      assert.ok(error instanceof CannotRunError);
      assert.equal(error.code, "PROVE_EFFECTS_UNKNOWN");
      assert.match(error.message, text);
      return true;
    });
  });
}
