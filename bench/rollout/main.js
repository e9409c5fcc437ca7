// A rolling restart of two instances behind HAProxy, under load: once with lastcall, once with `server.close()`. Writes
// what became of every request to result.json, and the picture of it to docs/rollout.svg.
//
//   apt-get install haproxy && npm run build && node bench/rollout/main.js
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import net from "node:net";
import path from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { startBalancer } from "./balancer.js";
import { draw } from "./draw.js";
import { sendRequests } from "./traffic.js";

const RATE = 350;
const STEP = 250;
const BEFORE = 2_000;
const BETWEEN = 1_000;
const AFTER = 2_000;
const GRACE = 10_000;
const here = import.meta.dirname;

const ways = [];
for (const how of ["lastcall", "close"]) {
  const way = await roll(how);
  ways.push(way);
  console.log(`${how}: lost ${way.lost} of ${way.sent}`, way.kinds);
}
const haproxy = /version (\S+?)-/.exec(execFileSync("haproxy", ["-v"], { encoding: "utf8" }))?.[1];
const result = { haproxy, node: process.version, rate: RATE, stepMs: STEP, ways };
writeFileSync(path.join(here, "result.json"), `${JSON.stringify(result, null, 2)}\n`);
writeFileSync(path.join(here, "..", "..", "docs", "rollout.svg"), draw(result));

/** One rollout: each instance in turn is told to stop, and replaced once it is gone. */
async function roll(how) {
  const [front, ...backs] = await Promise.all([freePort(), freePort(), freePort()]);
  const instances = backs.map((port) => start(how, port));
  const balancer = await startBalancer(front, backs);
  const stops = [];
  try {
    await Promise.all(backs.map((_, index) => balancer.untilUp(index)));
    const traffic = sendRequests(front, RATE);
    await pause(BEFORE);
    for (const [index, port] of backs.entries()) {
      const atMs = Math.round(traffic.now());
      const end = await stop(instances[index]);
      stops.push({ atMs, tookMs: Math.round(traffic.now()) - atMs, end });
      instances[index] = start(how, port);
      await untilListening(port);
      await balancer.untilUp(index);
      await pause(BETWEEN);
    }
    await pause(AFTER);
    return { how, stops, ...count(await traffic.end()) };
  } finally {
    for (const each of instances) each.kill("SIGKILL");
    await balancer.stop();
  }
}

function start(how, port) {
  const env = { ...process.env, PORT: String(port) };
  return spawn(process.execPath, [path.join(here, "service.js"), how], { env, stdio: "inherit" });
}

async function stop(child) {
  const killed = setTimeout(() => child.kill("SIGKILL"), GRACE);
  child.kill("SIGTERM");
  const [code, signal] = await once(child, "exit");
  clearTimeout(killed);
  return signal ?? code;
}

function count(answers) {
  const length = Math.floor(Math.max(...answers.map(({ atMs }) => atMs)) / STEP) + 1;
  const steps = { answered: Array(length).fill(0), lost: Array(length).fill(0) };
  const kinds = {};
  for (const { atMs, lost } of answers) {
    steps[lost === undefined ? "answered" : "lost"][Math.floor(atMs / STEP)] += 1;
    if (lost !== undefined) kinds[lost] = (kinds[lost] ?? 0) + 1;
  }
  const lost = steps.lost.reduce((sum, each) => sum + each, 0);
  return { sent: answers.length, lost, kinds, steps };
}

async function freePort() {
  const server = net.createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  server.close();
  return port;
}

async function untilListening(port) {
  for (;;) {
    const socket = net.connect(port, "127.0.0.1");
    const isOpen = await new Promise((resolve) => {
      socket.on("connect", () => resolve(true)).on("error", () => resolve(false));
    });
    socket.destroy();
    if (isOpen) return;
    await pause(20);
  }
}
