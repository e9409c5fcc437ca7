// CPU time per request with the preload of `prove --inspect`: a server that answers after two turns of its event
// loop, as a process of its own, in four ways in turns.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import http from "node:http";
import { InspectLink } from "../dist/prove/inspect/link.js";
import { quantile } from "./statistics.js";

const ROUNDS = Number(process.env.ROUNDS ?? 5);
const REQUESTS = Number(process.env.REQUESTS ?? 20_000);
const CLIENTS = 16;
// Linux counts CPU time in hundredths of a second.
const TICK_US = 10_000;

const WAYS = {
  "without the preload": { isLoaded: false, first: undefined, rest: undefined },
  "preload, nothing inspected yet": { isLoaded: true, first: undefined, rest: undefined },
  "others, while some are inspected": { isLoaded: true, first: "a", rest: undefined },
  "an inspected request": { isLoaded: true, first: "a", rest: "b" },
};

if (process.argv[2] === "serve") serve();
else await main();

function serve() {
  const server = http.createServer(async (_request, response) => {
    await new Promise((resolve) => setImmediate(resolve));
    response.end("ok\n");
  });
  server.listen(0, "127.0.0.1", () => console.log(server.address().port));
}

async function main() {
  const samples = Object.fromEntries(Object.keys(WAYS).map((name) => [name, []]));
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const [name, way] of Object.entries(WAYS)) samples[name].push(await measure(way));
  }
  console.log(`Node ${process.version}, median of ${ROUNDS} rounds of ${REQUESTS} requests`);
  for (const [name, rounds] of Object.entries(samples)) {
    const cpu = quantile(
      rounds.map(({ us }) => us),
      0.5,
    ).toFixed(0);
    const rate = quantile(
      rounds.map(({ rps }) => rps),
      0.5,
    ).toFixed(0);
    console.log(
      `  ${name.padEnd(34)} ${cpu.padStart(4)} µs of CPU, ${rate.padStart(6)} requests/s`,
    );
  }
}

async function measure({ isLoaded, first, rest }) {
  const link = isLoaded ? await InspectLink.open() : undefined;
  const env = link?.extend(process.env) ?? process.env;
  const server = spawn(process.execPath, [import.meta.filename, "serve"], {
    env,
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [line] = await once(server.stdout, "data");
  const agent = new http.Agent({ keepAlive: true, maxSockets: CLIENTS });
  const ask = (id) => get(agent, Number(line), id);
  await ask(first);
  await repeat(REQUESTS / 10, () => ask(rest));
  const before = readCpu(server.pid);
  const begun = performance.now();
  await repeat(REQUESTS, () => ask(rest));
  const seconds = (performance.now() - begun) / 1_000;
  const us = (readCpu(server.pid) - before) / REQUESTS;
  server.kill("SIGKILL");
  await once(server, "exit");
  agent.destroy();
  await link?.close();
  return { us, rps: REQUESTS / seconds };
}

function get(agent, port, id) {
  const headers = id === undefined ? {} : { "x-request-id": `lastcall-inspect-${id}` };
  return new Promise((resolve, reject) => {
    const request = http.get({ agent, port, host: "127.0.0.1", headers }, (response) => {
      response.resume().on("end", resolve);
    });
    request.on("error", reject);
  });
}

async function repeat(count, act) {
  let left = count;
  const work = async () => {
    while (left-- > 0) await act();
  };
  await Promise.all(Array.from({ length: CLIENTS }, work));
}

/** In microseconds: user and system time of a process, from proc(5). */
function readCpu(pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ").at(-1).split(" ");
  return (Number(fields[11]) + Number(fields[12])) * TICK_US;
}
