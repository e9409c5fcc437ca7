// Requests per second of an attached server over a bare one, in one process and in turns.
//
// The client counts bytes instead of parsing, so that the server is what is measured: whoever parses
// on both sides measures the slower of the two and finds no difference.
import { fork } from "node:child_process";
import { once } from "node:events";
import http from "node:http";
import net from "node:net";

import { lastcall } from "lastcall";

import { summary } from "./statistics.js";

const ROUNDS = Number(process.env.ROUNDS ?? 40);
const ROUND_MS = Number(process.env.ROUND_MS ?? 400);
const CONNECTIONS = 16;

if (process.argv[2] === "client") client();
else await main();

async function main() {
  const app = (_req, res) => {
    res.setHeader("Content-Type", "text/plain");
    res.end("hello, world\n");
  };
  const service = lastcall({ signals: false, report: false });
  const servers = {
    bare: http.createServer(app),
    attached: service.attach(http.createServer(app)),
  };
  const ports = {};
  for (const [name, server] of Object.entries(servers)) {
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    ports[name] = server.address().port;
  }
  const load = fork(import.meta.filename, ["client"]);
  const round = async (name) => {
    const cpu = process.cpuUsage();
    load.send({ port: ports[name], ms: ROUND_MS });
    const [{ requests, ms }] = await once(load, "message");
    const used = process.cpuUsage(cpu);
    return { rps: (requests / ms) * 1000, cpu: (used.user + used.system) / requests };
  };
  for (const name of ["bare", "attached", "bare", "attached"]) await round(name); // warm up
  const ratios = { rps: [], cpu: [] };
  for (let i = 0; i < ROUNDS; i++) {
    const order = i % 2 === 0 ? ["bare", "attached"] : ["attached", "bare"];
    const found = {};
    for (const name of order) found[name] = await round(name);
    ratios.rps.push(found.attached.rps / found.bare.rps);
    ratios.cpu.push(found.attached.cpu / found.bare.cpu);
  }
  load.disconnect();
  console.log(`Node ${process.version}, ${ROUNDS} pairs of rounds of ${ROUND_MS} ms`);
  console.log(`requests per second, attached over bare: ${summary(ratios.rps)}`);
  console.log(`CPU time per request, attached over bare: ${summary(ratios.cpu)}`);
  await service.abort();
  servers.bare.close();
  servers.bare.closeAllConnections();
}

function client() {
  const request = Buffer.from("GET / HTTP/1.1\r\nHost: bench\r\n\r\n");
  process.on("message", async ({ port, ms }) => {
    let requests = 0;
    const started = performance.now();
    await Promise.all(
      Array.from({ length: CONNECTIONS }, async () => {
        const socket = net.connect(port, "127.0.0.1");
        socket.setNoDelay(true);
        await once(socket, "connect");
        socket.write(request);
        // Every response is one small segment, so one `data` is one response.
        for await (const _ of socket) {
          requests++;
          if (performance.now() - started > ms) break;
          socket.write(request);
        }
        socket.destroy();
      }),
    );
    process.send({ requests, ms: performance.now() - started });
  });
}
