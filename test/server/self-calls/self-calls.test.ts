import assert from "node:assert/strict";
import { once } from "node:events";
import http from "node:http";
import http2 from "node:http2";
import https from "node:https";
import net, { type AddressInfo, type Server } from "node:net";
import { test, type TestContext } from "node:test";
import { setTimeout as delay } from "node:timers/promises";

import { lastcall, type Service } from "lastcall";

import { certificate } from "../../harness/tls.js";

const { key, cert } = certificate;

/** What a page asks of its own process while it is made. */
type Ask = (ports: Record<"http" | "https" | "http2", number>) => Promise<string>;

function get(module: typeof http | typeof https, options: https.RequestOptions): Promise<string> {
  return new Promise((resolve, reject) => {
    const request = module.get({ path: "/api", ...options }, (res) => {
      let text = "";
      res.setEncoding("utf8").on("data", (part: string) => (text += part));
      res.on("end", () => resolve(text)).on("error", reject);
    });
    request.on("error", reject);
  });
}

async function fetchText(url: string): Promise<string> {
  try {
    return await (await fetch(url)).text();
  } catch (error) {
    throw (error as Error).cause;
  }
}

function overHttp2(url: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const session = http2.connect(url).on("error", reject);
    // Its session says why.
    const stream = session.request({ ":path": "/api" }).on("error", () => {});
    let text = "";
    stream.setEncoding("utf8").on("data", (part: string) => (text += part));
    stream.on("end", () => session.close(() => resolve(text)));
  });
}

const agent = new http.Agent({ keepAlive: true });

const ASKS: Record<string, Ask> = {
  "fetch by name": (ports) => fetchText(`http://localhost:${ports.http}/api`),
  "fetch by address": (ports) => fetchText(`http://127.0.0.1:${ports.http}/api`),
  "http.get": (ports) => get(http, { port: ports.http }),
  "http.get without an agent": (ports) => get(http, { port: ports.http, agent: false }),
  "an agent that keeps connections": (ports) => get(http, { port: ports.http, agent }),
  "https.get": (ports) => get(https, { port: ports.https, host: "localhost", ca: cert }),
  http2: (ports) => overHttp2(`http://localhost:${ports.http2}`),
  "two hops": (ports) => get(http, { port: ports.http, path: "/hop" }),
};

/** Three servers of one application; `/page` waits for `closed` and then asks in every way. */
async function build(t: TestContext, closed: Promise<unknown>) {
  const listener: http.RequestListener = (req, res) => void answer(req, res);
  const servers = [
    http.createServer(listener),
    https.createServer({ key, cert }, listener),
    http2.createServer(listener as never),
  ] as const;
  const ports = { http: 0, https: 0, http2: 0 };
  async function answer(req: http.IncomingMessage, res: http.ServerResponse): Promise<void> {
    if (req.url === "/api") res.end("api");
    else if (req.url === "/hop") res.end(await get(http, { port: ports.http }));
    else {
      await closed;
      const entries = Object.entries(ASKS).map(async ([name, ask]) => {
        const said = ask(ports).catch(({ code }: NodeJS.ErrnoException) => code);
        return [name, await said] as const;
      });
      res.end(JSON.stringify(Object.fromEntries(await Promise.all(entries))));
    }
  }
  for (const server of servers) {
    server.listen(0, "localhost");
    t.after(() => server.close());
    await once(server, "listening");
  }
  [ports.http, ports.https, ports.http2] = servers.map(portOf) as [number, number, number];
  return { servers, ports };
}

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port;
}

function attachAll(t: TestContext, servers: readonly Server[]): Service {
  const service = lastcall({ signals: false, report: false, lameDuck: false });
  t.after(() => service.uninstall());
  for (const server of servers) service.attach(server as http.Server);
  return service;
}

function listenersClosed(service: Service): Promise<void> {
  return new Promise((resolve) => service.on("listeners-closed", () => resolve()));
}

/** A page that is being made: its head is not sent, and nothing is left to arrive of its request. */
async function askPage(
  servers: readonly Server[],
  port: number,
): Promise<{ made: Promise<string> }> {
  const begun = once(servers[0]!, "request");
  const made = get(http, { port, path: "/page", agent: false });
  await begun;
  return { made };
}

test("a request in flight asks its own servers after their listeners closed: answered, clean", async (t) => {
  let close!: () => void;
  const closed = new Promise<void>((resolve) => (close = resolve));
  const { servers, ports } = await build(t, closed);
  const service = attachAll(t, servers);
  service.on("listeners-closed", () => close());
  const method = (): unknown => Reflect.get(net.Socket.prototype, "connect");
  const before = method();
  const { made } = await askPage(servers, ports.http);
  const draining = service.drain();

  const answers = JSON.parse(await made) as Record<string, string>;
  const report = await draining;

  const expected = Object.keys(ASKS).map((name) => [name, "api"]);
  assert.deepEqual(answers, Object.fromEntries(expected));
  assert.equal(report.outcome, "clean");
  assert.equal(report.requests.unfinished, 0);
  assert.equal(report.connections.cut, 0);
  assert.deepEqual(report.errors, []);
  // Nothing of it is left.
  assert.equal(method(), before);
  await assert.rejects(fetchText(`http://localhost:${ports.http}/api`), { code: "ECONNREFUSED" });
});

test("(control: of servers that are closed it asks in vain)", async (t) => {
  let close!: () => void;
  const closed = new Promise<void>((resolve) => (close = resolve));
  const { servers, ports } = await build(t, closed);
  const { made } = await askPage(servers, ports.http);
  for (const server of servers) server.close();
  close();

  const answers = JSON.parse(await made) as Record<string, string>;

  // Of the two hops the first is refused already.
  for (const name of Object.keys(ASKS)) assert.equal(answers[name], "ECONNREFUSED", name);
});

test("code that asks itself again and again, for no client, keeps no drain", async (t) => {
  let finish!: () => void;
  const finished = new Promise<void>((resolve) => (finish = resolve));
  const server = http.createServer((req, res) => {
    const ready = req.url === "/page" ? finished : delay(50);
    void ready.then(() => res.end("api"));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const port = portOf(server);
  const service = attachAll(t, [server]);
  const { made } = await askPage([server], port);
  const polled = { answered: 0, isOver: false };
  // Before one of them is answered the next has begun.
  const poll = async (): Promise<void> => {
    while (!polled.isOver) {
      const said = await fetchText(`http://127.0.0.1:${port}/api`).catch(() => "refused");
      if (said === "api") polled.answered++;
      else polled.isOver = true;
    }
  };
  const closed = listenersClosed(service);
  const draining = service.drain();
  await closed;
  const polls = [poll(), poll(), poll()];
  while (polled.answered < 9) await delay(10);
  finish();

  const report = await draining;
  await Promise.all(polls);

  assert.equal(await made, "api");
  assert.equal(report.outcome, "clean");
  assert.equal(report.requests.unfinished, 0);
});

test("connections to others go where they went", async (t) => {
  let finish!: () => void;
  const finished = new Promise<void>((resolve) => (finish = resolve));
  const server = http.createServer((_req, res) => void finished.then(() => res.end("own")));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const port = portOf(server);
  const other = http.createServer((_req, res) => res.end("other")).listen(port, "127.0.0.2");
  t.after(() => other.close());
  await once(other, "listening");
  const service = attachAll(t, [server]);
  const { made } = await askPage([server], port);
  const closed = listenersClosed(service);
  const draining = service.drain();
  await closed;

  assert.equal(await get(http, { port, host: "127.0.0.2", agent: false }), "other");

  finish();
  assert.equal(await made, "own");
  assert.equal((await draining).outcome, "clean");
});
