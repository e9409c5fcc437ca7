// Requests per second over a bare server, in turns: with the request's signal used in every handler, with the
// option `currentSignal`, and with `currentSignal()` used in every handler.
//
// Each server is a process of its own: before Node 24 the first use of AsyncLocalStorage slows down every promise of
// the process, those of the bare server too.
import { fork } from "node:child_process";
import { once } from "node:events";
import http from "node:http";

import { currentSignal, lastcall, requestSignal } from "lastcall";

import { compare } from "./load.js";

const KINDS = {
  bare: { find: () => undefined },
  "requestSignal()": { find: requestSignal, options: {} },
  "option currentSignal": { find: () => undefined, options: { currentSignal: true } },
  "currentSignal()": { find: currentSignal, options: { currentSignal: true } },
};

if (process.argv[2] === "server") await serve(process.argv[3]);
else await main();

async function main() {
  const servers = await Promise.all(Object.keys(KINDS).map(start));
  await compare(servers);
  for (const { child } of servers) child.disconnect();
}

async function start(name) {
  const child = fork(import.meta.filename, ["server", name]);
  const [port] = await once(child, "message");
  const cpu = async () => {
    child.send("cpu");
    return (await once(child, "message"))[0];
  };
  return { name, port, cpu, child };
}

async function serve(name) {
  const { find, options } = KINDS[name];
  // As real ones do, the handler awaits something, and hands the signal on.
  const look = async (signal) => (signal?.aborted ? "gone\n" : "hello, world\n");
  const server = http.createServer(async (req, res) => {
    const body = await look(find(req));
    res.setHeader("Content-Type", "text/plain");
    res.end(body);
  });
  if (options !== undefined) lastcall({ report: false, ...options }).attach(server);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  process.on("message", () => {
    const { user, system } = process.cpuUsage();
    process.send(user + system);
  });
  process.on("disconnect", () => process.exit());
  process.send(server.address().port);
}
