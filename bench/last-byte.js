// Time from the last response byte, as the client's process sees it, to the moment the server's
// process knows that it is done. Both read the same monotonic clock of the kernel.
import { fork } from "node:child_process";
import { once } from "node:events";
import http from "node:http";
import http2 from "node:http2";

import { lastcall } from "lastcall";

import { certificate } from "./certificate.js";
import { buildGo } from "./go-server.js";
import { quantile } from "./statistics.js";

const DRAINS = Number(process.env.DRAINS ?? 300);
// These take a second or more each, and vary little.
const NODE_DRAINS = Number(process.env.NODE_DRAINS ?? 3);
const GO_DRAINS = Number(process.env.GO_DRAINS ?? 20);

if (process.argv[2] === "client") client();
else await main();

async function main() {
  const load = fork(import.meta.filename, ["client"]);
  const go = buildGo();
  console.log(`Node ${process.version}, from the last response byte at the client to done`);
  const subjects = [
    ["drain() of lastcall, HTTP/1.1", DRAINS, (round) => stopNode(load, "h1", "lastcall", round)],
    ["drain() of lastcall, HTTP/2", DRAINS, (round) => stopNode(load, "h2", "lastcall", round)],
    [
      "close() of Node, HTTP/1.1: waits for its keep-alive timeout",
      NODE_DRAINS,
      (round) => stopNode(load, "h1", "node", round),
    ],
    ...nodeHttp2(load),
    ...goSubjects(load, go),
  ];
  const samples = subjects.map(() => []);
  // In turns: whatever else the machine does, it does to all of them.
  for (let round = 0; round < DRAINS; round++) {
    for (const [index, [, drains, stop]] of subjects.entries()) {
      if (round % Math.ceil(DRAINS / drains) === 0) samples[index].push(await stop(round));
    }
  }
  load.disconnect();
  go.remove?.();
  for (const [index, [name]] of subjects.entries()) show(name, samples[index]);
}

function nodeHttp2(load) {
  if (Number(process.versions.node.split(".")[0]) >= 24) {
    return [["close() of Node, HTTP/2", DRAINS, (round) => stopNode(load, "h2", "node", round)]];
  }
  console.log(
    "skipped: close() of Node, HTTP/2: before Node 24 it never ends while a session is open",
  );
  return [];
}

function goSubjects(load, go) {
  if (go.skipped !== undefined) {
    console.log(`skipped: Shutdown of Go: ${go.skipped}`);
    return [];
  }
  const subject = (name, protocol) => [
    `Shutdown of ${go.version}, ${name}`,
    GO_DRAINS,
    (round) => stopGo(load, protocol, go, round),
  ];
  return [subject("HTTP/1.1", "h1"), subject("HTTP/2", "h2")];
}

function show(name, sample) {
  console.log(
    `${name}: median ${quantile(sample, 0.5).toFixed(0)} µs, p99 ${quantile(sample, 0.99).toFixed(0)} µs, ` +
      `max ${Math.max(...sample).toFixed(0)} µs, n = ${sample.length}`,
  );
}

function createServer(protocol, app) {
  if (protocol === "h1") return http.createServer(app);
  return http2.createSecureServer(certificate, app);
}

/**
 * How long after the stop the last byte is sent: past the emptying of the accept queue, and not in step
 * with anybody's polling. In the rounds that Go takes part in it is a second, for everybody: Go looks
 * after 1 ms, 2 ms, 4 ms, up to 500 ms.
 */
function pause(round) {
  const isLong = round % Math.ceil(DRAINS / GO_DRAINS) === 0;
  const ms = isLong ? 500 + ((round * 37) % 1_000) : 20 + ((round * 37) % 60);
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** One server, one request in flight, one stop. Resolves to microseconds. */
async function stopNode(load, protocol, how, round) {
  const service = lastcall({ signals: false, report: false, lameDuck: false });
  let held;
  const arrived = new Promise((resolve) => {
    held = resolve;
  });
  const server = createServer(protocol, (_req, res) => held(res));
  if (how === "lastcall") service.attach(server);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const lastByte = once(load, "message");
  load.send({ protocol, port: server.address().port });
  const res = await arrived;
  const done =
    how === "lastcall" ? service.drain() : new Promise((resolve) => server.close(resolve));
  await pause(round);
  res.end("last");
  await done;
  const at = process.hrtime.bigint();
  const [{ seen }] = await lastByte;
  return Number(at - BigInt(seen)) / 1000;
}

async function stopGo(load, protocol, go, round) {
  const server = go.start(protocol);
  const port = Number(await server.says("listening"));
  const lastByte = once(load, "message");
  load.send({ protocol, port });
  await server.says("arrived");
  server.tell("stop");
  await pause(round);
  server.tell("answer");
  const at = await server.says("done");
  const [{ seen }] = await lastByte;
  return Number(BigInt(at) - BigInt(seen)) / 1000;
}

function client() {
  const agent = new http.Agent({ keepAlive: true });
  process.on("message", ({ protocol, port }) => {
    const stamp = (stream) => {
      let seen;
      stream.on("data", () => {
        seen = process.hrtime.bigint();
      });
      stream.on("end", () => process.send({ seen: String(seen) }));
    };
    if (protocol === "h1") {
      http.get({ port, agent }, stamp);
      return;
    }
    const session = http2.connect(`https://127.0.0.1:${port}`, { rejectUnauthorized: false });
    session.on("error", () => {}); // a server that cuts is measured too
    stamp(session.request({ ":path": "/" }));
  });
}
