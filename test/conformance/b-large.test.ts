import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";

import { ask, request, sha256 } from "../harness/download.js";
import { Hold } from "../harness/hold.js";
import { plain, serve } from "../harness/serve.js";

const MB = 1024 * 1024;

for (const useTls of [false, true]) {
  const over = useTls ? ", over TLS" : "";

  test(`25. \`res.end(5 MB)\` just before D is delivered whole${over}`, async (t) => {
    const hold = new Hold();
    const { service, target } = await serve(t, hold.app, { tls: useTls, timeouts: { idle: 50 } });
    const body = randomBytes(5 * MB);
    const download = await ask(target, "/export");

    (await hold.next()).res.end(body);
    const drained = service.drain();

    assert.equal(await download.read(), sha256(body));
    assert.equal(await download.ended, "fin");
    assert.equal((await drained).outcome, "clean");
  });

  test(`25. (control: \`server.close()\` truncates it${over})`, async (t) => {
    const hold = new Hold();
    const { server, target } = await plain(t, hold.app, { tls: useTls });
    const body = randomBytes(5 * MB);
    const download = await ask(target, "/export");

    (await hold.next()).res.end(body);
    server.close();

    assert.notEqual(await download.read(), sha256(body));
    assert.ok(download.length < body.length, `${download.length} of ${body.length} bytes`);
  });
}

test("25. drain resolves only after the last response byte was flushed", async (t) => {
  const hold = new Hold();
  const { service, target } = await serve(t, hold.app);
  const body = randomBytes(16 * MB);
  const download = await ask(target, "/export");
  const { res } = await hold.next();
  let isDrained = false;

  const drained = service.drain().finally(() => (isDrained = true));
  res.end(body);
  // The client reads half of it, and stops.
  void download.read();
  while (download.length < body.length / 2) await once(download.socket, "data");
  download.socket.pause();
  await sleep(200);
  assert.equal(isDrained, false);
  assert.equal(res.writableFinished, false);
  download.socket.resume();

  assert.equal((await drained).outcome, "clean");
  assert.equal(res.writableFinished, true);
  assert.equal(await download.ended, "fin");
  assert.equal(download.length, body.length);
});

for (const useTls of [false, true]) {
  const over = useTls ? ", over TLS" : "";

  test(`27. a response larger than the socket buffer is never truncated by a reset (sha256)${over}`, async (t) => {
    const hold = new Hold();
    const { service, target } = await serve(t, hold.app, { tls: useTls });
    const body = randomBytes(12 * MB);
    const download = await ask(target, "/export");
    const { res } = await hold.next();

    const drained = service.drain();
    res.end(body);

    assert.equal(await download.read(2), sha256(body));
    assert.match(download.head, /\r\nConnection: close\r\n/);
    assert.equal(await download.ended, "fin");
    assert.equal((await drained).outcome, "clean");
  });

  test(`27. the same, when a further request is refused meanwhile${over}`, async (t) => {
    const hold = new Hold();
    const { service, target } = await serve(t, hold.app, { tls: useTls });
    const body = randomBytes(12 * MB);
    const download = await ask(target, "/export");
    const { res } = await hold.next();

    const drained = service.drain();
    res.end(body);
    download.socket.write(request("/refused"));

    assert.equal(await download.read(2), sha256(body));
    assert.equal(await download.ended, "fin");
    const { outcome, requests } = await drained;
    assert.equal(outcome, "clean");
    assert.equal(requests.refused, 1);
    assert.equal(hold.count, 1);
  });

  test(`27. the same, when the further request comes after all of the response is in the kernel${over}`, async (t) => {
    const hold = new Hold();
    const { service, target } = await serve(t, hold.app, { tls: useTls });
    const body = randomBytes(MB);
    const download = await ask(target, "/export");
    const { res } = await hold.next();
    const other = await ask(target, "/other");
    const { res: otherRes } = await hold.next();

    const drained = service.drain();
    res.end(body);
    await once(res, "close");
    // Node by itself closes the connection within these turns; its client has not read a byte yet.
    for (let turns = 10; turns > 0; turns--) await new Promise((next) => setImmediate(next));
    assert.equal(download.length, 0);
    download.socket.write(request("/refused"));

    assert.equal(await download.read(2), sha256(body));
    assert.equal(await download.ended, "fin");
    assert.equal(hold.count, 2);
    otherRes.end("done");
    await other.read();
    const { outcome, requests } = await drained;
    assert.equal(outcome, "clean");
    assert.equal(requests.refused, 1);
  });

  test(`27. (control: a plain server that says close and closes truncates it${over})`, async (t) => {
    const hold = new Hold();
    const { target } = await plain(t, hold.app, { tls: useTls });
    const body = randomBytes(MB);
    const download = await ask(target, "/export");
    const { res } = await hold.next();

    const { socket } = res;
    assert.ok(socket);
    res.setHeader("Connection", "close").end(body);
    await once(socket, "close");
    download.socket.write(request("/refused"));

    assert.notEqual(await download.read(2), sha256(body));
    assert.ok(download.length < body.length, `${download.length} of ${body.length} bytes`);
  });
}
