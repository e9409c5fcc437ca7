import assert from "node:assert/strict";
import type { EventEmitter } from "node:events";
import type { RequestListener } from "node:http";
import type { ServerHttp2Session } from "node:http2";
import { test } from "node:test";

import { missing, run } from "../harness/command.js";
import { Hold } from "../harness/hold.js";
import { createHttp2, listenHttp2, serveHttp2 } from "../harness/http2.js";

for (const tls of [false, true]) {
  const over = tls ? "over TLS" : "h2c";

  test(
    `48. nghttp: stream in flight at D → GOAWAY, 200, its own goodbye (${over})`,
    { skip: missing("nghttp", "nghttp2-client") },
    async (t) => {
      const hold = new Hold();
      const { service, server, url } = await serveHttp2(t, { compat: hold.app }, { tls });
      const told = firstGoaway(server);
      const client = run("nghttp", ["-v", "--no-dep", `${url}/report`]);
      const { res } = await hold.next();

      const drained = service.drain();
      await told;
      res.end("the report");

      const { code, stdout } = await client;
      assert.equal(code, 0);
      assert.match(stdout, /recv GOAWAY frame .*\n.*last_stream_id=1, error_code=NO_ERROR/);
      assert.match(stdout, /recv \(stream_id=1\) :status: 200/);
      assert.match(stdout, /the report/);
      assert.equal((await drained).outcome, "clean");
    },
  );

  test(
    `48. curl: stream in flight at D → whole, over HTTP/2 (${over})`,
    { skip: missing("curl", "curl") },
    async (t) => {
      const hold = new Hold();
      const { service, url } = await serveHttp2(t, { compat: hold.app }, { tls });
      const how = tls ? ["--insecure", "--http2"] : ["--http2-prior-knowledge"];
      const client = run("curl", ["-s", ...how, "-w", "\n%{http_version} %{http_code}", url]);
      const { res } = await hold.next();

      const drained = service.drain();
      res.write("the ");
      res.end("report");

      assert.deepEqual(await client, { code: 0, stdout: "the report\n2 200" });
      assert.equal((await drained).outcome, "clean");
    },
  );
}

/** Resolves when a session of the server is told: a client that has its answer waits for no GOAWAY. */
function firstGoaway(server: EventEmitter): Promise<void> {
  return new Promise((resolve) => {
    server.on("session", (session: ServerHttp2Session) => {
      const close = session.close.bind(session);
      session.close = () => {
        close();
        resolve();
      };
    });
  });
}

const LOAD = 20_000;

/** `h2load` with more requests than are answered before `stop`; what it got against what was executed. */
async function load(
  url: string,
  executed: () => number,
): Promise<{ started: number; succeeded: number; executed: number }> {
  const { stdout } = await run("h2load", ["-n", String(LOAD), "-c", "8", "-m", "10", url]);
  const found = /(\d+) started, \d+ done, (\d+) succeeded/.exec(stdout);
  assert.ok(found !== null, stdout);
  return { started: Number(found[1]), succeeded: Number(found[2]), executed: executed() };
}

/** Answers after a moment, and calls `stop` in the middle of the load. */
function counting(stop: () => void): { app: RequestListener; count: () => number } {
  let count = 0;
  const app: RequestListener = (_req, res) => {
    if (++count === 1_000) stop();
    setTimeout(() => res.end("hello"), 1);
  };
  return { app, count: () => count };
}

test(
  "49. h2load: 80 streams at any time, and every one that is executed is answered whole",
  { skip: missing("h2load", "nghttp2-client") },
  async (t) => {
    const { app, count } = counting(() => void service.drain());
    const { service, url } = await serveHttp2(t, { compat: app });

    const { started, succeeded, executed } = await load(url, count);

    assert.equal(succeeded, executed);
    assert.ok(started < LOAD);
    const { outcome, requests } = await service.drain();
    assert.deepEqual([outcome, requests.unfinished], ["clean", 0]);
  },
);

test(
  "49. (control: sessions that are destroyed lose streams that have been executed)",
  { skip: missing("h2load", "nghttp2-client") },
  async () => {
    const sessions: { destroy(): void }[] = [];
    const { app, count } = counting(() => {
      server.close();
      for (const session of sessions) session.destroy();
    });
    const server = createHttp2({ compat: app });
    server.on("session", (session) => sessions.push(session));
    const { url } = await listenHttp2(server);

    const { succeeded, executed } = await load(url, count);

    assert.ok(succeeded < executed, `${succeeded} of ${executed}`);
  },
);
