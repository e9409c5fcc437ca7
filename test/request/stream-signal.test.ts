import assert from "node:assert/strict";
import { once } from "node:events";
import { test, type TestContext } from "node:test";

import { ClientGoneError, DrainAbortedError, requestSignal } from "lastcall";

import { openFrames } from "../harness/frames.js";
import { Hold } from "../harness/hold.js";
import {
  ask,
  createHttp2,
  HoldStreams,
  listenHttp2,
  openSession,
  serveHttp2,
  type Api,
  type ServedHttp2,
} from "../harness/http2.js";

const CANCEL = 8;

interface Taken {
  signal: AbortSignal;
  answer: (body?: string) => void;
}

/** A server whose handlers ask for the signal, with either interface. */
async function serveSignals(
  t: TestContext,
  api: Api,
  options: Parameters<typeof serveHttp2>[2] = {},
): Promise<ServedHttp2 & { next: () => Promise<Taken> }> {
  if (api === "compat") {
    const hold = new Hold();
    const served = await serveHttp2(t, { compat: hold.app }, options);
    const next = async (): Promise<Taken> => {
      const { req, res } = await hold.next();
      return { signal: requestSignal(req), answer: (body) => void res.end(body) };
    };
    return { ...served, next };
  }
  const hold = new HoldStreams();
  const served = await serveHttp2(t, { stream: hold.app }, options);
  const next = async (): Promise<Taken> => {
    const { stream } = await hold.next();
    const answer = (body?: string): void => {
      stream.respond({ ":status": 200 });
      stream.end(body);
    };
    return { signal: requestSignal(stream), answer };
  };
  return { ...served, next };
}

for (const api of ["compat", "stream"] as const) {
  test(`signal of HTTP/2 (${api}): ClientGoneError when the client resets the stream`, async (t) => {
    const { target, next } = await serveSignals(t, api);
    const client = await openFrames(target);
    t.after(() => client.wire.close());
    await client.request(1, "GET", "/");
    const { signal } = await next();
    assert.equal(signal.aborted, false);

    const aborted = once(signal, "abort");
    await client.reset(1, CANCEL);
    await aborted;

    assert.ok(signal.reason instanceof ClientGoneError);
  });

  test(`signal of HTTP/2 (${api}): ClientGoneError when the connection is gone`, async (t) => {
    const { target, next } = await serveSignals(t, api);
    const client = await openFrames(target);
    await client.request(1, "POST", "/", true);
    const { signal } = await next();

    const aborted = once(signal, "abort");
    client.wire.close();
    await aborted;

    assert.ok(signal.reason instanceof ClientGoneError);
  });

  test(`signal of HTTP/2 (${api}): none after the response is finished, for HEAD neither`, async (t) => {
    const { url, next } = await serveSignals(t, api);
    const session = await openSession(t, url);
    for (const method of ["GET", "HEAD"]) {
      const answer = ask(session, "/", { method });
      const taken = await next();
      taken.answer();
      assert.equal((await answer).status, 200);
      assert.equal(taken.signal.aborted, false);
    }
  });

  test(`signal of HTTP/2 (${api}): DrainAbortedError at the abort instant; the answer still gets out`, async (t) => {
    const { service, url, next } = await serveSignals(t, api, {
      gracePeriod: 5_000,
      abortWindow: 4_000,
      closingWindow: 0,
      margin: 0,
    });
    const session = await openSession(t, url);
    const answer = ask(session, "/report?secret");
    const { signal, answer: reply } = await next();
    signal.addEventListener("abort", () => reply("gave up"));

    const report = await service.drain();

    assert.ok(signal.reason instanceof DrainAbortedError);
    assert.equal(String((await answer).body), "gave up");
    assert.deepEqual(
      report.requests.aborted.map(({ method, route, reaction }) => ({ method, route, reaction })),
      [{ method: "GET", route: "/report", reaction: "answered" }],
    );
    assert.equal(report.outcome, "aborted");
    assert.equal(report.connections.cut, 0);
  });
}

test("signal of HTTP/2: request and stream share one, on servers that are not attached too", async (t) => {
  const hold = new Hold();
  const server = createHttp2({ compat: hold.app });
  const { url } = await listenHttp2(server);
  t.after(() => server.close());
  const session = await openSession(t, url);
  const answer = ask(session, "/");
  const { req, res } = await hold.next();
  const { stream } = req as unknown as { stream: Parameters<typeof requestSignal>[0] };

  assert.equal(requestSignal(req), requestSignal(stream));
  res.end();
  await answer;
  session.destroy();
});
