import assert from "node:assert/strict";
import { test } from "node:test";

import { Hold, type Held } from "../harness/hold.js";
import { plain, serve } from "../harness/serve.js";
import { connect, type Wire } from "../harness/wire.js";

function request(path: string): string {
  return `GET ${path} HTTP/1.1\r\nHost: test\r\n\r\n`;
}

/** Sends requests in one segment; resolves when the application has all of them. */
async function pipeline(wire: Wire, hold: Hold, paths: readonly string[]): Promise<Held[]> {
  await wire.send(paths.map(request).join(""));
  const held: Held[] = [];
  for (const path of paths) {
    const each = await hold.next();
    assert.equal(each.req.url, path);
    held.push(each);
  }
  return held;
}

/** Takes the responses; says of each its body and what it says of the connection. */
async function answers(wire: Wire, count: number): Promise<[string, string | undefined][]> {
  const found: [string, string | undefined][] = [];
  for (let left = count; left > 0; left--) {
    const { body, headers } = await wire.response();
    found.push([body, headers.get("connection")]);
  }
  return found;
}

for (const tls of [false, true]) {
  const over = tls ? ", over TLS" : "";

  test(`16. pipelined requests at D: all answered, only the newest says close${over}`, async (t) => {
    const hold = new Hold();
    const { service, target } = await serve(t, hold.app, { tls });
    const wire = await connect(target);
    const held = await pipeline(wire, hold, ["/1", "/2", "/3"]);

    const drained = service.drain();
    for (const { req, res } of held) res.end(req.url);

    assert.deepEqual(await answers(wire, 3), [
      ["/1", "keep-alive"],
      ["/2", "keep-alive"],
      ["/3", "close"],
    ]);
    assert.equal(await wire.ended(), "fin");
    const { outcome, requests } = await drained;
    assert.equal(outcome, "clean");
    assert.deepEqual([requests.inFlight, requests.begun, requests.refused], [3, 0, 0]);
  });
}

test("16. pipelined requests at D, answered in another order → the same", async (t) => {
  const hold = new Hold();
  const { service, target } = await serve(t, hold.app);
  const wire = await connect(target);
  const held = await pipeline(wire, hold, ["/1", "/2", "/3"]);

  const drained = service.drain();
  for (const { req, res } of held.reverse()) res.end(req.url);

  assert.deepEqual(await answers(wire, 3), [
    ["/1", "keep-alive"],
    ["/2", "keep-alive"],
    ["/3", "close"],
  ]);
  assert.equal(await wire.ended(), "fin");
  assert.equal((await drained).outcome, "clean");
});

test("16. a request pipelined behind them after D is the newest then", async (t) => {
  const hold = new Hold();
  const { service, target } = await serve(t, hold.app);
  const wire = await connect(target);
  const [first, second] = await pipeline(wire, hold, ["/1", "/2"]);
  // The first answer's head is out before D and has promised keep-alive.
  first?.res.write("/");
  await wire.sees("keep-alive");

  const drained = service.drain();
  const [third] = await pipeline(wire, hold, ["/3"]);
  first?.res.end("1");
  for (const each of [second, third]) each?.res.end(each.req.url);

  assert.deepEqual(await answers(wire, 3), [
    ["/1", "keep-alive"],
    ["/2", "keep-alive"],
    ["/3", "close"],
  ]);
  assert.equal(await wire.ended(), "fin");
  assert.equal((await drained).outcome, "clean");
});

test("16. pipelined after D to an application that answers at once: all answered, only the newest says close", async (t) => {
  const { service, target } = await serve(t, (req, res) => void res.end(req.url));
  const wire = await connect(target);

  const drained = service.drain();
  await wire.send(["/1", "/2", "/3"].map(request).join(""));

  assert.deepEqual(await answers(wire, 3), [
    ["/1", "keep-alive"],
    ["/2", "keep-alive"],
    ["/3", "close"],
  ]);
  assert.equal(await wire.ended(), "fin");
  assert.equal(wire.rest, "");
  const { outcome, requests } = await drained;
  assert.equal(outcome, "clean");
  assert.deepEqual([requests.begun, requests.refused], [3, 0]);
});

test("16. (control: close on the first loses the others after running them)", async (t) => {
  const hold = new Hold();
  const { server, target } = await plain(t, hold.app);
  const wire = await connect(target);
  const held = await pipeline(wire, hold, ["/1", "/2", "/3"]);

  // What is recommended everywhere: close the server, and say so on every response.
  server.close();
  for (const { req, res } of held) res.setHeader("Connection", "close").end(req.url);

  assert.deepEqual(await answers(wire, 1), [["/1", "close"]]);
  await wire.ended();
  assert.equal(wire.rest, "");
  assert.equal(hold.count, 3);
});
