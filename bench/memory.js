// Bytes per tracked connection: the heap of a process that holds connections, attached and bare. Idle
// ones, and ones that were upgraded and have a goodbye.
import { fork } from "node:child_process";
import { once } from "node:events";
import http from "node:http";
import net from "node:net";

import { lastcall } from "lastcall";

import { summary } from "./statistics.js";

const CONNECTIONS = Number(process.env.CONNECTIONS ?? 2_000);
const PAIRS = Number(process.env.PAIRS ?? 7);

const REQUEST = "GET / HTTP/1.1\r\nHost: bench\r\n";
const KINDS = {
  "idle keep-alive connections, one request each": `${REQUEST}\r\n`,
  "upgraded connections": `${REQUEST}Connection: Upgrade\r\nUpgrade: bench\r\n\r\n`,
};

if (process.argv[2] === undefined) {
  for (const [what, request] of Object.entries(KINDS)) await compare(what, request);
} else await server(process.argv[2]);

async function compare(what, request) {
  const differences = { heap: [], rss: [] };
  for (let i = 0; i < PAIRS; i++) {
    const order = i % 2 === 0 ? ["bare", "attached"] : ["attached", "bare"];
    const found = {};
    for (const kind of order) found[kind] = await measure(kind, request);
    for (const kind of ["heap", "rss"]) {
      differences[kind].push((found.attached[kind] - found.bare[kind]) / CONNECTIONS);
    }
  }
  console.log(`Node ${process.version}, ${CONNECTIONS} ${what}`);
  console.log(`heap bytes per tracked connection: ${summary(differences.heap, 0)}`);
  console.log(`RSS bytes per tracked connection: ${summary(differences.rss, 0)}`);
}

async function measure(kind, request) {
  const child = fork(import.meta.filename, [kind], { execArgv: ["--expose-gc"] });
  const [{ port }] = await once(child, "message");
  const sockets = await Promise.all(Array.from({ length: CONNECTIONS }, () => open(port, request)));
  child.send("measure");
  const [{ before, after }] = await once(child, "message");
  for (const socket of sockets) socket.destroy();
  child.kill("SIGKILL");
  await once(child, "exit");
  return { heap: after.heapUsed - before.heapUsed, rss: after.rss - before.rss };
}

/** A connection that has made one request and stays. */
async function open(port, request) {
  const socket = net.connect(port, "127.0.0.1");
  socket.on("error", () => {}); // the server is killed when it has been measured
  await once(socket, "connect");
  socket.write(request);
  await once(socket, "data");
  return socket;
}

async function server(kind) {
  const it = http.createServer({ keepAliveTimeout: 600_000 }, (_req, res) => res.end("ok"));
  const service = lastcall({ signals: false, report: false });
  if (kind === "attached") service.attach(it);
  it.on("upgrade", (_req, socket) => {
    socket.on("error", () => {});
    socket.resume();
    socket.write("HTTP/1.1 101 Switching Protocols\r\n\r\n");
    if (kind === "attached") service.goodbye(socket, () => socket.end());
  });
  it.listen(0, "127.0.0.1");
  await once(it, "listening");
  const before = settled();
  process.send({ port: it.address().port });
  await once(process, "message");
  process.send({ before, after: settled() });
}

function settled() {
  for (let i = 0; i < 4; i++) globalThis.gc();
  return process.memoryUsage();
}
