import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { test } from "node:test";

import { ask, sha256 } from "../harness/download.js";
import { Hold } from "../harness/hold.js";
import { serve } from "../harness/serve.js";

const MB = 1024 * 1024;

test("19. slow reader: every byte delivered before DL, long after a send timeout that it never reaches", async (t) => {
  const hold = new Hold();
  const sendTimeout = 800;
  const { service, target } = await serve(t, hold.app, { sendTimeout });
  const body = randomBytes(32 * MB);
  const download = await ask(target, "/export");
  const { res } = await hold.next();

  const drained = service.drain();
  res.end(body);

  assert.equal(await download.read(5), sha256(body));
  const { outcome, durationMs } = await drained;
  assert.equal(outcome, "clean");
  assert.ok(durationMs > 2 * sendTimeout, `read within ${durationMs} ms`);
});

for (const tls of [false, true]) {
  test(`20. reader that stops reading 50 MB → bounded by the send timeout, drain not held past DL${tls ? ", over TLS" : ""}`, async (t) => {
    const hold = new Hold();
    const { service, target } = await serve(t, hold.app, { tls, sendTimeout: 300 });
    const download = await ask(target, "/export");
    const { res } = await hold.next();

    const drained = service.drain();
    res.end(Buffer.alloc(50 * MB));

    const { durationMs, connections } = await drained;
    assert.deepEqual(
      connections.stalled.map(({ kind, method, route }) => [kind, method, route]),
      [["send", "GET", "/export"]],
    );
    assert.equal(connections.cut, 0);
    assert.ok(durationMs >= 300, `closed after ${durationMs} ms`);
    assert.ok(durationMs < 10_000, `held ${durationMs} ms`);
    await download.read();
    assert.ok(download.length < 50 * MB);
  });
}
