// No verdict without service: what was not served before the stop is neither lost by it nor kept.
import assert from "node:assert/strict";
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import net from "node:net";
import { test, type TestContext } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { CannotRunError, prove, type ProveOptions } from "#src/prove/index.js";
import { unlessStalled } from "../../harness/unless-stalled.js";
import { criterionOf } from "../prove-fixture.js";

const CLIENTS = { pool: 2, fresh: 1, slow: 1, idle: 1, silent: 1, "half-head": 1 };

/** A server whose handler is this code, and which stops in order. */
function serve(handler: string, more = ""): string[] {
  const code = `
    const server = require("node:http").createServer((request, response) => { ${handler} });
    ${more};
    server.listen(process.env.PORT, "127.0.0.1");
    process.on("SIGTERM", () => setTimeout(() => {
      server.close();
      server.closeAllConnections();
    }, 600));
    server.prependListener("request", (request, response) => response.setHeader("Connection", "close"));`;
  return [process.execPath, "-e", code];
}

/** Again when the machine was too busy for a verdict. */
function run(command: string[], options: Partial<ProveOptions> = {}): ReturnType<typeof prove> {
  return unlessStalled(
    () =>
      prove({
        command,
        warmup: 100,
        lag: 200,
        grace: 4_000,
        startTimeout: 20_000,
        clients: CLIENTS,
        ...options,
      }),
    ({ trials }) => trials.some(({ faults }) => faults.some((fault) => STALLED.test(fault))),
  );
}

const STALLED = /^too noisy to judge|^the load process did not get to run/;

async function refusal(proving: Promise<unknown>): Promise<CannotRunError> {
  try {
    await proving;
  } catch (error) {
    assert.ok(error instanceof CannotRunError, String(error));
    return error;
  }
  assert.fail("there was a verdict");
}

const OK = 'response.end("ok")';
const ONLY = (path: string, status: number, body = "no\\n"): string =>
  `if (request.url === "${path}") ${OK}; else response.writeHead(${String(status)}).end("${body}")`;

const WRONG: readonly (readonly [
  name: string,
  command: string[],
  options: Partial<ProveOptions>,
  code: string,
  text: RegExp,
])[] = [
  [
    "every answer is 404",
    serve('response.writeHead(404).end("no such\\npage")'),
    {},
    "PROVE_UNEXPECTED_ANSWER",
    /^GET \/ \(pool, fresh\) was answered 404 \("no such page"\) before the signal, and none was served/,
  ],
  [
    "every answer is a redirect",
    serve('response.writeHead(302, { Location: "/login" }).end()'),
    {},
    "PROVE_UNEXPECTED_ANSWER",
    /^GET \/ \(pool, fresh\) was answered 302 before the signal, and none was served/,
  ],
  [
    "an event stream that is a page without a type",
    serve(OK),
    { events: ["/"] },
    "PROVE_UNEXPECTED_ANSWER",
    /^GET \/ \(events\) was answered 200 before the signal, and none was served/,
  ],
  [
    "every answer is 401",
    serve("response.writeHead(401).end()"),
    {},
    "PROVE_UNEXPECTED_ANSWER",
    /^GET \/ \(pool, fresh\) was answered 401 before/,
  ],
  [
    "every answer is 503",
    serve("response.writeHead(503).end()"),
    { startTimeout: 5_000 },
    "PROVE_NEVER_ANSWERED",
    /it answered 503/,
  ],
  [
    "only the first request is answered, the others are reset",
    serve(
      `globalThis.n = (globalThis.n ?? 0) + 1; if (n === 1) ${OK}; else request.socket.resetAndDestroy()`,
    ),
    {},
    "PROVE_UNEXPECTED_ANSWER",
    /^GET \/ \(pool, fresh\) was (?:reset|closed without an answer) before the signal, and none was served/,
  ],
  [
    "only the first request is answered, the others hang",
    serve(`globalThis.n = (globalThis.n ?? 0) + 1; if (n === 1) ${OK}`),
    { startTimeout: 5_000 },
    "PROVE_NEVER_ANSWERED",
    /not every client of the load was answered/,
  ],
  [
    "TLS to a plain port",
    serve(OK),
    { tls: true, startTimeout: 5_000 },
    "PROVE_NEVER_ANSWERED",
    /what it said is not TLS/,
  ],
  [
    "HTTP/2 to HTTP/1.1",
    serve(OK),
    { requests: ["GET /"], h2: ["GET /"] },
    "PROVE_UNEXPECTED_ANSWER",
    /^GET \/ \(h2\) was (?:not answered in HTTP\/2|answered 400.*|reset) before the signal/,
  ],
  [
    "an event stream that is answered 404",
    serve(ONLY("/", 404)),
    { events: ["/events"] },
    "PROVE_UNEXPECTED_ANSWER",
    /^GET \/events \(events\) was answered 404 \("no"\) before the signal/,
  ],
  [
    "an event stream that is a page, and has no end",
    serve(
      'response.writeHead(200, { "Content-Type": "text/html" }); response.write("<p>"); if (request.url === "/") response.end()',
    ),
    { events: ["/events"] },
    "PROVE_UNEXPECTED_ANSWER",
    /^GET \/events \(events\) was answered 200 before the signal/,
  ],
  [
    "a WebSocket that is answered 200",
    serve(OK),
    { websockets: ["/live"] },
    "PROVE_UNEXPECTED_ANSWER",
    /^GET \/live \(websocket\) was answered 200 before the signal/,
  ],
  [
    "a WebSocket whose connection is reset",
    serve(OK, 'server.on("upgrade", (request, socket) => socket.resetAndDestroy())'),
    { websockets: ["/live"] },
    "PROVE_UNEXPECTED_ANSWER",
    /^GET \/live \(websocket\) was (?:reset|closed without an answer) before the signal/,
  ],
  [
    "a slow request that is answered 404",
    serve(ONLY("/", 404)),
    { slow: ["GET /slow"] },
    "PROVE_UNEXPECTED_ANSWER",
    /^GET \/slow \(slow\) was answered 404 \("no"\)/,
  ],
];

for (const [name, command, options, code, text] of WRONG) {
  test(`no verdict: ${name}`, async () => {
    const error = await refusal(run(command, options));
    assert.match(error.message, text);
    assert.equal(error.code, code);
  });
}

test("no verdict: an upload that is answered 404 each time", async () => {
  const command = serve(`request.resume(); ${ONLY("/", 404)}`);
  const proving = run(command, { uploads: ["POST /files"], clients: { ...CLIENTS, upload: 1 } });
  // It may be answered before the signal, or after it.
  const text = await proving.then(
    ({ verdict, trials }) => (assert.equal(verdict, "could-not-run"), String(trials[0]?.faults)),
    (error: unknown) => String(error),
  );
  assert.match(text, /POST \/files \(upload\) was answered 404 \("no"\)/);
});

test("404 that is asked for is an answer, and one request of two that is a 404 makes a note", async () => {
  const asked = await run(serve('response.writeHead(404).end("no")'), { expectStatus: "404" });
  assert.equal(asked.verdict, "pass");
  const half = await run(serve(ONLY("/", 404)), { requests: ["GET /", "GET /none"] });
  assert.equal(half.verdict, "pass");
  assert.deepEqual(half.notes, [
    'GET /none was answered 404 ("no") each time: no more is known of it',
  ]);
});

test("no verdict: no request was sent at all", async () => {
  const none = { pool: 0, fresh: 0, slow: 0, idle: 0, silent: 0, "half-head": 0 };
  const { verdict, trials, criteria } = await run(serve(OK), { clients: none });
  assert.equal(verdict, "could-not-run");
  assert.deepEqual(trials[0]?.faults, [
    "no request was sent at all, so that none could be lost (see --clients)",
  ]);
  const dropped = criteria.find(({ name }) => name === "dropped requests");
  assert.deepEqual([dropped?.measured, dropped?.passed], ["none was asked for", null]);
  const one = await run(serve(OK), { clients: { ...none, fresh: 1 } });
  assert.equal(one.verdict, "pass", "control: one client");
});

test("control: the same server with what is asked of it passes", async () => {
  const result = await run(serve(OK));
  assert.equal(result.verdict, "pass");
  assert.deepEqual(result.notes, []);
});

/** A process that listens where it is told to by whoever connects to it. */
async function startStranger(t: TestContext): Promise<{ stranger: ChildProcess; port: number }> {
  const code = `
    require("node:net").createServer((socket) => socket.once("data", (port) => {
      require("node:http").createServer((request, response) => response.end("not me"))
        .listen(Number(port), "127.0.0.1");
    })).listen(0, "127.0.0.1", function () { console.log(this.address().port); });`;
  const stranger = spawn(process.execPath, ["-e", code], { stdio: ["ignore", "pipe", "inherit"] });
  t.after(() => stranger.kill("SIGKILL"));
  const [line] = (await once(stranger.stdout, "data")) as [Buffer];
  return { stranger, port: Number(line.toString()) };
}

const TELL =
  'const s = require("node:net").connect(Number(process.env.CONTROL), "127.0.0.1"); s.write(process.env.PORT); setInterval(() => {}, 1_000)';

test(
  "no verdict: the port is answered by a process that the command did not start",
  { skip: process.platform === "linux" ? false : "only Linux tells whose a port is" },
  async (t) => {
    const { stranger, port } = await startStranger(t);
    const env = { ...process.env, CONTROL: String(port) };
    const error = await refusal(run([process.execPath, "-e", TELL], { env }));
    assert.equal(error.code, "PROVE_PORT_TAKEN");
    assert.match(
      error.message,
      /^port \d+ is answered by process \d+ \(.+\), which `.+` did not start/,
    );
    assert.ok(error.message.includes(`process ${String(stranger.pid)} (`));
  },
);

test("control: a child of the command may answer, also outside its group and with an environment of its own", async () => {
  const child = `require("node:http").createServer((request, response) => response.end("ok")).listen(process.argv[1], "127.0.0.1")`;
  const parent = `
    const child = require("node:child_process").spawn(process.execPath, ["-e", ${JSON.stringify(child)}, process.env.PORT], { detached: true, env: {}, stdio: "ignore" });
    process.on("SIGTERM", () => setTimeout(() => { child.on("exit", () => process.exit(0)); child.kill("SIGKILL"); }, 600));`;
  const { trials } = await run([process.execPath, "-e", parent], {
    clients: { fresh: 1, pool: 0 },
  });
  assert.equal(trials[0]?.stops[0]?.exit.code, 0);
});

/** A server in a process that can be stopped, whose queue holds two connections. */
async function startShortQueue(t: TestContext): Promise<{ server: ChildProcess; port: number }> {
  const code = `require("node:http").createServer((request, response) => response.writeHead(200, { Connection: "close" }).end("ok"))
    .listen({ port: 0, host: "127.0.0.1", backlog: 1 }, function () { console.log(this.address().port); });`;
  const server = spawn(process.execPath, ["-e", code], { stdio: ["ignore", "pipe", "inherit"] });
  t.after(() => server.kill("SIGKILL"));
  const [line] = (await once(server.stdout, "data")) as [Buffer];
  return { server, port: Number(line.toString()) };
}

const LINUX = {
  skip: process.platform === "linux" ? false : "a full queue swallows connects on Linux alone",
};

test(
  "a load whose connections hang from the command on is lost, to the last of them",
  LINUX,
  async (t) => {
    const { server, port } = await startShortQueue(t);
    const result = await prove({
      url: `http://127.0.0.1:${String(port)}`,
      during: `kill -STOP ${String(server.pid)}; sleep 2.5`,
      tail: 200,
      warmup: 200,
      connectTimeout: 1_500,
      silence: 600,
      clients: { pool: 0, fresh: 8 },
    });
    assert.equal(result.verdict, "fail");
    const hung = result.losses.filter(({ kind }) => kind === "timeout");
    assert.ok(hung.length > 0, "none was booked as hung");
    assert.equal(result.trials[0]?.requests.unsent, 0, "none is called unsent");
    const { measured, passed } = criterionOf(result, "longest time without an answer");
    assert.equal(passed, false);
    assert.match(measured, /^\d.* from .* the command's start$/);
  },
);

test("control: the same command without the stop", LINUX, async (t) => {
  const { port } = await startShortQueue(t);
  const result = await prove({
    url: `http://127.0.0.1:${String(port)}`,
    during: "sleep 1",
    tail: 200,
    warmup: 200,
    clients: { pool: 1, fresh: 0 },
  });
  assert.equal(result.verdict, "pass");
  assert.equal(criterionOf(result, "longest time without an answer").passed, true);
});

test("a port that never accepts has no verdict, whoever is to stop it", LINUX, async (t) => {
  const { server, port } = await startShortQueue(t);
  server.kill("SIGSTOP");
  const sockets = Array.from({ length: 4 }, () => net.connect(port, "127.0.0.1"));
  t.after(() => sockets.forEach((socket) => socket.on("error", () => {}).destroy()));
  await sleep(300);
  const url = `http://127.0.0.1:${String(port)}`;
  const ways: Partial<ProveOptions>[] = [{ during: "true" }, { stopWith: "true" }];
  for (const way of ways) {
    const error = await refusal(prove({ url, startTimeout: 700, warmup: 100, ...way }));
    assert.match(error.message, /did not answer .*within 0\.7 s: it accepted no connection/);
  }
});
