import assert from "node:assert/strict";
import { suite, test, type TestContext } from "node:test";

import { QUICK, startAuto, type Way } from "../harness/auto.js";
import { connect } from "../harness/wire.js";

/** What an EventSource has got when its stream is over, and how the program ended. */
async function stop(
  t: TestContext,
  way: Way,
  path: string,
): Promise<readonly [text: string, end: number | NodeJS.Signals | null]> {
  const program = startAuto(t, way, ["events.mjs"], QUICK);
  const client = await connect({ port: await program.port() });
  await client.get(path, "Accept: text/event-stream\r\n");
  await client.sees(path === "/gzip" ? "\0\0\xff\xff" : "data: ");
  program.kill("SIGTERM");
  await client.ended();
  const { code, signal } = await program.exit;
  assert.doesNotMatch(program.stderr, /Error/);
  return [client.text, signal ?? code];
}

const IN_ORDER = /\n0\r\n\r\n$/;

suite("event streams of a program that was not changed", { concurrency: 3 }, () => {
  test("are ended in order, after an event; what is written on costs nothing", async (t) => {
    const [text, end] = await stop(t, "import", "/events");
    assert.match(text, /data: \d+\n\n\r\n0\r\n\r\n$/);
    assert.equal(end, 0);
  });

  test("a compressed one, whose end would not be whole, is torn after an event", async (t) => {
    const [text, end] = await stop(t, "import", "/gzip");
    assert.doesNotMatch(text, IN_ORDER);
    assert.match(text, /\0\0\xff\xff\r\n$/);
    assert.equal(end, 0);
  });

  test("(control: as it is) they are cut", async (t) => {
    const [text, end] = await stop(t, "bare", "/events");
    assert.doesNotMatch(text, IN_ORDER);
    assert.equal(end, "SIGTERM");
  });
});
