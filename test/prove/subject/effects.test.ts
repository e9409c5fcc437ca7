// How often requests took effect, as a command or a URL tells it.
import assert from "node:assert/strict";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { test } from "node:test";
import { CannotRunError } from "#src/prove/index.js";
import { listGroup, type Started } from "#src/prove/machine/group.js";
import { findFreePort } from "#src/prove/machine/port.js";
import { askEffects, readEffects, type Asking } from "#src/prove/subject/effects.js";

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
  assert.deepEqual(
    [...(await ask('echo "p-$PORT"', { env: { ...process.env, PORT: "7" } }))],
    [["p-7", 1]],
  );
  const server = createServer((_request, response) => response.end("a\na\n")).listen(0);
  t.after(() => server.close());
  const { port } = server.address() as AddressInfo;
  const url = `http://127.0.0.1:${String(port)}/`;
  assert.deepEqual([...(await ask(url))], [["a", 2]]);
});

function ask(asked: string, more: Partial<Asking> = {}): ReturnType<typeof askEffects> {
  const { signal: abort } = new AbortController();
  return askEffects(asked, { env: process.env, guard: () => {}, abort, ...more });
}

test("effects: what takes too long is ended with all that it started, and the limit is named", async () => {
  // A shell that waits for what it started, as `psql | sort` does.
  let group = 0;
  const guard = (started: Started): void => void (group = started.group ?? group);
  const asking = ask("echo one; sleep 50 & sleep 50", { guard, limitMs: 400 });
  await assert.rejects(asking, {
    code: "PROVE_EFFECTS_UNKNOWN",
    message: /had not ended after 0\.4 s\. Its last output:\none$/,
  });
  assert.ok(group > 0);
  assert.deepEqual(listGroup(group), []);
  const quick = await ask("sleep 0.1 && echo one", { limitMs: 20_000 });
  assert.deepEqual([...quick], [["one", 1]], "control: one that ends in time");
});

test("effects: a command that goes on when the trial is over is ended", async () => {
  const over = new AbortController();
  let group = 0;
  const guard = (started: Started): void => {
    group = started.group ?? group;
    setTimeout(() => over.abort(), 200);
  };
  await assert.rejects(ask("sleep 50 & wait", { guard, abort: over.signal }), /ended by SIGKILL/);
  assert.deepEqual(listGroup(group), []);
});

test("effects: a URL that does not answer names the limit", async (t) => {
  const server = createServer(() => {}).listen(0);
  t.after(() => {
    server.close();
    server.closeAllConnections();
  });
  const url = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}/`;
  await assert.rejects(ask(url, { limitMs: 300 }), /: it had not answered after 0\.3 s$/);
});

test("effects: ids are whole however much is told", async () => {
  const code = 'console.log(JSON.stringify(Array.from({ length: 50_000 }, (_, n) => "id-" + n)))';
  const counts = await ask(`"${process.execPath}" -e '${code}'`);
  assert.equal(counts.size, 50_000);
});

const FAILING: readonly (readonly [string, string, RegExp])[] = [
  [
    "a command that fails",
    "echo no such file >&2; exit 3",
    /^`.*`, which should tell what took effect, exited with code 3\. Its last output:\nno such file$/,
  ],
  ["a command that fails in silence", "exit 3", /exited with code 3\. It wrote nothing\.$/],
  ["a command that is killed", "kill -9 $$", /was ended by SIGKILL\. It wrote nothing\.$/],
  [
    "a URL that nothing serves",
    `http://127.0.0.1:${String(await findFreePort())}/`,
    /^asking http.* failed: .*ECONNREFUSED/,
  ],
];

for (const [name, asked, text] of FAILING) {
  test(`effects: ${name} has no verdict`, async () => {
    await assert.rejects(ask(asked), (error) => {
      assert.ok(error instanceof CannotRunError);
      assert.equal(error.code, "PROVE_EFFECTS_UNKNOWN");
      assert.match(error.message, text);
      return true;
    });
  });
}
