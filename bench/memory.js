// Bytes per tracked connection: the heap of a process that holds idle connections, attached and bare.
import { fork } from "node:child_process";
import { once } from "node:events";
import http from "node:http";
import net from "node:net";

import { lastcall } from "lastcall";

import { summary } from "./statistics.js";

const CONNECTIONS = Number(process.env.CONNECTIONS ?? 2_000);
const PAIRS = Number(process.env.PAIRS ?? 7);

if (process.argv[2] === undefined) await main();
else await server(process.argv[2]);

async function main() {
  const differences = { heap: [], rss: [] };
  for (let i = 0; i < PAIRS; i++) {
    const order = i % 2 === 0 ? ["bare", "attached"] : ["attached", "bare"];
    const found = {};
    for (const kind of order) found[kind] = await measure(kind);
    for (const what of ["heap", "rss"]) {
      differences[what].push((found.attached[what] - found.bare[what]) / CONNECTIONS);
    }
  }
  console.log(
    `Node ${process.version}, ${CONNECTIONS} idle keep-alive connections, one request each`,
  );
  console.log(`heap bytes per tracked connection: ${summary(differences.heap, 0)}`);
  console.log(`RSS bytes per tracked connection: ${summary(differences.rss, 0)}`);
}

async function measure(kind) {
  const child = fork(import.meta.filename, [kind], { execArgv: ["--expose-gc"] });
  const [{ port }] = await once(child, "message");
  const sockets = await Promise.all(Array.from({ length: CONNECTIONS }, () => open(port)));
  child.send("measure");
  const [{ before, after }] = await once(child, "message");
  for (const socket of sockets) socket.destroy();
  child.kill("SIGKILL");
  await once(child, "exit");
  return { heap: after.heapUsed - before.heapUsed, rss: after.rss - before.rss };
}

/** A connection that has made one request and stays. */
async function open(port) {
  const socket = net.connect(port, "127.0.0.1");
  socket.on("error", () => {}); // the server is killed when it has been measured
  await once(socket, "connect");
  socket.write("GET / HTTP/1.1\r\nHost: bench\r\n\r\n");
  await once(socket, "data");
  return socket;
}

async function server(kind) {
  const it = http.createServer({ keepAliveTimeout: 600_000 }, (_req, res) => res.end("ok"));
  if (kind === "attached") lastcall({ signals: false, report: false }).attach(it);
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
