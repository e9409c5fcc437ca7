// How a process stops whose clients never leave by themselves: event streams that lastcall made, event streams that it did
// not make, WebSockets of `ws`. The longest turn of the event loop from the drain's start to its end, beside the longest of as
// many seconds before, the time until all have left, and the memory.
import { fork } from "node:child_process";
import { once } from "node:events";
import http from "node:http";
import net from "node:net";
import { setTimeout as delay } from "node:timers/promises";

import { eventStream, lastcall } from "lastcall";
import { WebSocketServer } from "ws";

import { quantile } from "./statistics.js";

const CONNECTIONS = Number(process.env.CONNECTIONS ?? 10_000);
const RUNS = Number(process.env.RUNS ?? 3);
const CLIENTS = 2;
const SPREAD = 3_000;
/** Each stream is sent an event so often, in ms. */
const EVERY = 10_000;

const EVENT_STREAM = "GET / HTTP/1.1\r\nHost: bench\r\nAccept: text/event-stream\r\n\r\n";
const WEBSOCKET =
  "GET / HTTP/1.1\r\nHost: bench\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n" +
  "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n";

const KINDS = {
  "event streams": { request: EVENT_STREAM, serve: serveStreams },
  "foreign event streams": { request: EVENT_STREAM, serve: serveForeign },
  WebSockets: { request: WEBSOCKET, serve: serveWebSockets },
};

const [role, ...args] = process.argv.slice(2);
if (role === "server") await serve(...args);
else if (role === "client") await hold(...args);
else await measureAll(role);

async function measureAll(only) {
  console.log(
    `Node ${process.version}, ${CONNECTIONS} of each, closeSpread ${SPREAD} ms, medians of ${RUNS}`,
  );
  for (const kind of Object.keys(KINDS)) {
    if (only !== undefined && !kind.startsWith(only)) continue;
    const runs = [];
    for (let run = 0; run < RUNS; run++) runs.push(await measure(kind, run));
    const middle = (key) =>
      Math.round(
        quantile(
          runs.map((each) => each[key]),
          0.5,
        ),
      );
    const all = runs.map(({ own }) => Math.round(own)).join(", ");
    console.log(
      `${kind}: longest turn ${middle("own")} ms (${all}; by the clock ${middle("longest")} ms; while serving ${middle("before")} ms), ` +
        `all left after ${middle("ms")} ms, heap ${middle("heap")} MB and ${middle("more")} MB more at most, ` +
        `RSS ${middle("rss")} MB and ${middle("moreRss")} MB more; ` +
        `${runs[0].ended} of ${CONNECTIONS} ended, outcome ${runs.map(({ outcome }) => outcome).join(", ")}`,
    );
  }
}

async function measure(kind, run) {
  const execArgv = ["--expose-gc", ...(process.env.SERVER_ARGS?.split(" ") ?? [])];
  const server = fork(import.meta.filename, ["server", kind], { execArgv });
  const [{ port }] = await once(server, "message");
  const share = String(CONNECTIONS / CLIENTS);
  const clients = Array.from({ length: CLIENTS }, (_, index) => {
    // An address of its own for each: ports that wait after a run before are none of this one's.
    const from = `127.0.${run + 1}.${index + 1}`;
    return fork(import.meta.filename, ["client", kind, String(port), share, from]);
  });
  await Promise.all(clients.map((client) => once(client, "message")));
  server.send("drain");
  const [found] = await once(server, "message");
  const counts = clients.map((client) => {
    const answered = once(client, "message");
    client.send("count");
    return answered;
  });
  let ended = 0;
  for (const [count] of await Promise.all(counts)) ended += count;
  for (const child of [server, ...clients]) child.kill("SIGKILL");
  return { ...found, ended };
}

async function serve(kind) {
  const service = lastcall({ signals: false, report: false, lameDuck: false, closeSpread: SPREAD });
  const server = http.createServer();
  KINDS[kind].serve(service, server);
  service.attach(server).listen(0, "127.0.0.1", 4096);
  await once(server, "listening");
  process.send({ port: server.address().port });
  await once(process, "message");
  for (let i = 0; i < 4; i++) globalThis.gc();
  const serving = watchTurns();
  await delay(SPREAD);
  const before = serving().own;
  const { heapUsed, rss } = process.memoryUsage();
  let [most, mostRss] = [heapUsed, rss];
  const look = setInterval(() => {
    const now = process.memoryUsage();
    [most, mostRss] = [Math.max(most, now.heapUsed), Math.max(mostRss, now.rss)];
  }, 50);
  const start = performance.now();
  const stopping = watchTurns();
  const { outcome } = await service.drain("bench");
  const ms = performance.now() - start;
  const { own, longest } = stopping();
  clearInterval(look);
  const mb = (bytes) => bytes / 1e6;
  process.send({
    own,
    longest,
    before,
    ms,
    outcome,
    heap: mb(heapUsed),
    more: mb(most - heapUsed),
    rss: mb(rss),
    moreRss: mb(mostRss - rss),
  });
  if (process.env.SERVER_ARGS !== undefined) process.disconnect();
}

/**
 * The longest turn of the event loop from now on, by the clock; and its `own`, by the clock or the processor time that the
 * process used in it, whichever is less: a machine that does other things takes turns away.
 */
function watchTurns() {
  let [longest, own] = [0, 0];
  let at = performance.now();
  let cpu = process.cpuUsage();
  let isOver = false;
  const turn = () => {
    const used = process.cpuUsage(cpu);
    const passed = performance.now() - at;
    longest = Math.max(longest, passed);
    own = Math.max(own, Math.min(passed, (used.user + used.system) / 1_000));
    at = performance.now();
    cpu = process.cpuUsage();
    if (!isOver) setImmediate(turn);
  };
  turn();
  return () => {
    isOver = true;
    turn();
    return { longest, own };
  };
}

function serveStreams(service, server) {
  const streams = new Set();
  server.on("request", (req, res) => {
    const stream = eventStream(service, req, res);
    streams.add(stream);
    stream.signal.addEventListener("abort", () => streams.delete(stream));
  });
  sendInTurn(streams, (stream) => stream.send("news"));
}

function serveForeign(_service, server) {
  const responses = new Set();
  server.on("request", (_req, res) => {
    res.writeHead(200, { "Content-Type": "text/event-stream" });
    res.write("retry: 2000\n\n");
    responses.add(res);
    res.on("close", () => responses.delete(res));
  });
  sendInTurn(responses, (res) => res.write("data: news\n\n"));
}

function serveWebSockets(_service, server) {
  const sockets = new WebSocketServer({ server, perMessageDeflate: false });
  sendInTurn(sockets.clients, (socket) => socket.send("news"));
}

/** Each of them is sent something in its turn. */
function sendInTurn(all, send) {
  const step = 50;
  let round = all.values();
  setInterval(() => {
    for (let count = 0; count < (CONNECTIONS * step) / EVERY; count++) {
      const { value, done } = round.next();
      if (done) round = all.values();
      else send(value);
    }
  }, step).unref();
}

/** A client of many: a process that does as little as it can, beside the one that is measured. */
async function hold(kind, port, count, from) {
  let ended = 0;
  const open = async () => {
    const socket = net.connect({ port: Number(port), host: "127.0.0.1", localAddress: from });
    socket.on("error", () => {});
    socket.on("close", () => ended++);
    await once(socket, "connect");
    socket.write(KINDS[kind].request);
    await once(socket, "data");
    if (kind === "WebSockets") socket.on("data", (frames) => answerClose(socket, frames));
    else socket.resume();
  };
  for (let left = Number(count); left > 0; left -= 100) {
    await Promise.all(Array.from({ length: Math.min(left, 100) }, open));
  }
  process.send("open");
  process.on("message", () => setTimeout(() => process.send(ended), 100));
}

/** Frames of a server are short here, and none is torn. */
function answerClose(socket, frames) {
  for (let at = 0; at < frames.length; at += 2 + frames[at + 1]) {
    if (frames[at] !== 0x88) continue;
    socket.write(Buffer.from([0x88, 0x82, 0, 0, 0, 0, frames[at + 2], frames[at + 3]]));
  }
}
