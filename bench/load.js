// A process that asks one server as fast as it answers, and a way to let rounds of it alternate between
// several servers.
//
// The client counts bytes instead of parsing, so that the server is what is measured: whoever parses
// on both sides measures the slower of the two and finds no difference.
import { fork } from "node:child_process";
import { once } from "node:events";
import net from "node:net";

import { summary } from "./statistics.js";

const ROUNDS = Number(process.env.ROUNDS ?? 40);
const ROUND_MS = Number(process.env.ROUND_MS ?? 400);
const CONNECTIONS = 16;

if (process.argv[2] === "load") ask();

/**
 * Compares servers with the first of them, in pairs of rounds one right after the other, and prints the ratios.
 * Each is a name and its `port`, and `cpu`, which resolves to the microseconds its process has used.
 */
export async function compare(servers) {
  const [base, ...others] = servers;
  const load = fork(import.meta.filename, ["load"]);
  const round = async ({ port, cpu }) => {
    const before = await cpu();
    load.send({ port, ms: ROUND_MS });
    const [{ requests, ms }] = await once(load, "message");
    return { rps: (requests / ms) * 1000, cpu: ((await cpu()) - before) / requests };
  };
  for (const server of [...servers, ...servers]) await round(server); // warm up
  const ratios = new Map(others.map(({ name }) => [name, { rps: [], cpu: [] }]));
  for (let i = 0; i < ROUNDS; i++) {
    for (const other of others) {
      const order = i % 2 === 0 ? [base, other] : [other, base];
      const found = new Map();
      for (const each of order) found.set(each, await round(each));
      const { rps, cpu } = ratios.get(other.name);
      rps.push(found.get(other).rps / found.get(base).rps);
      cpu.push(found.get(other).cpu / found.get(base).cpu);
    }
  }
  load.disconnect();
  console.log(`Node ${process.version}, ${ROUNDS} pairs of rounds of ${ROUND_MS} ms`);
  for (const [name, { rps, cpu }] of ratios) {
    console.log(`requests per second, ${name} over ${base.name}: ${summary(rps)}`);
    console.log(`CPU time per request, ${name} over ${base.name}: ${summary(cpu)}`);
  }
}

function ask() {
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
