// Time from the last response byte, as the client's process sees it, to the moment the server's
// process knows that it is done. Both read the same monotonic clock of the kernel.
import { fork } from "node:child_process";
import { once } from "node:events";
import http from "node:http";

import { lastcall } from "lastcall";

import { quantile } from "./statistics.js";

const DRAINS = Number(process.env.DRAINS ?? 300);
const NODE_DRAINS = Number(process.env.NODE_DRAINS ?? 3);

if (process.argv[2] === "client") client();
else await main();

async function main() {
  const load = fork(import.meta.filename, ["client"]);
  const ours = [];
  const nodes = [];
  for (let i = 0; i < DRAINS; i++) {
    ours.push(await stopOnce(load, "lastcall"));
    if (i % Math.ceil(DRAINS / NODE_DRAINS) === 0) nodes.push(await stopOnce(load, "node"));
  }
  load.disconnect();
  console.log(`Node ${process.version}, from the last response byte at the client to done`);
  const show = (name, sample) =>
    console.log(
      `${name}: median ${quantile(sample, 0.5).toFixed(0)} µs, p99 ${quantile(sample, 0.99).toFixed(0)} µs, ` +
        `max ${Math.max(...sample).toFixed(0)} µs, n = ${sample.length}`,
    );
  show("drain() of lastcall", ours);
  show("close() of Node, which waits for its keep-alive timeout", nodes);
}

/** One server, one request in flight, one stop. Resolves to microseconds. */
async function stopOnce(load, how) {
  const service = lastcall({ signals: false, report: false, lameDuck: false });
  let held;
  const arrived = new Promise((resolve) => {
    held = resolve;
  });
  const server = http.createServer((_req, res) => held(res));
  if (how === "lastcall") service.attach(server);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const lastByte = once(load, "message");
  load.send({ port: server.address().port });
  const res = await arrived;
  const done =
    how === "lastcall" ? service.drain() : new Promise((resolve) => server.close(resolve));
  // Past the emptying of the accept queue: the last byte, not the listener, is what we wait for.
  await new Promise((resolve) => setTimeout(resolve, 20));
  res.end("last");
  await done;
  const at = process.hrtime.bigint();
  const [{ seen }] = await lastByte;
  return Number(at - BigInt(seen)) / 1000;
}

function client() {
  const agent = new http.Agent({ keepAlive: true });
  process.on("message", ({ port }) => {
    http.get({ port, agent }, (res) => {
      let seen;
      res.on("data", () => {
        seen = process.hrtime.bigint();
      });
      res.on("end", () => process.send({ seen: String(seen) }));
    });
  });
}
