// Stops real programs under load, each as its users do: `node scripts/programs.mjs [name…]` keeps those whose name contains one of
// the words. For each it prints what the clients saw lost, the exit codes of the services, their reports and the
// seconds to the end, and the same of the control, which has to lose something.
//
// The packages are pinned in test/programs/package.json, and installed into a folder of the cache once; dumb-init and tini are
// Debian's.
import { spawn, spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import * as fs from "node:fs";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { pathToFileURL } from "node:url";

import { ask, Count, load } from "../test/stacks/lib.mjs";
import { freePort, install } from "./installed.mjs";

const root = path.join(import.meta.dirname, "..");
const programs = path.join(root, "test", "programs");
const patterns = process.argv.slice(2);

/** How long a program may take to be over, in ms: twice its grace period. */
const PATIENCE = 20_000;
const CONCURRENCY = 3;

const folder = await install("programs", path.join(programs, "package.json"));
const bin = path.join(folder, "node_modules", ".bin");
const living = new Set();

/** A folder in which the services find their packages, and `lastcall`. */
function prepare({ files = {} }) {
  const work = path.join(folder, "work", randomBytes(4).toString("hex"));
  fs.mkdirSync(path.join(work, "node_modules"), { recursive: true });
  fs.symlinkSync(root, path.join(work, "node_modules", "lastcall"));
  fs.cpSync(path.join(programs, "services"), work, { recursive: true });
  for (const [name, text] of Object.entries({ "package.json": '{"type":"module"}', ...files })) {
    fs.writeFileSync(path.join(work, name), text);
  }
  return work;
}

/** Starts the program at the head of a process group of its own; resolves when its service answers. */
async function start(program, work, options) {
  const port = await freePort();
  const { command, env = {} } = program.start({ bin, work, node: process.execPath });
  const child = spawn(command[0], command.slice(1), {
    cwd: work,
    env: { ...process.env, PORT: String(port), OPTIONS: options, HOME: work, ...env },
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
  });
  const app = { child, work, port, bin, out: "", env: { ...process.env, ...env } };
  living.add(app);
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text) => void (app.out += text));
  }
  child.on("error", (error) => void (app.out += error.message));
  app.exited = once(child, "exit");
  app.signal = (name) => process.kill(child.pid, name);
  app.signalGroup = (name) => process.kill(-(child.pid ?? 0), name);
  app.output = () => app.out + (program.logs?.(app) ?? "");
  app.pids = () => [...app.output().matchAll(/^pid (\d+)$/gm)].map(([, pid]) => Number(pid));
  const services = program.services ?? 1;
  for (const until = performance.now() + 40_000; ; await sleep(50)) {
    const isUp = app.pids().length >= services;
    if (
      isUp &&
      (await ask(port).then(
        () => true,
        () => false,
      ))
    )
      return app;
    if (performance.now() > until) throw new Error(`does not serve: ${app.output().slice(-800)}`);
  }
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

async function gone(pids) {
  for (const until = performance.now() + PATIENCE; pids.some(isAlive); await sleep(20)) {
    if (performance.now() > until) return false;
  }
  return true;
}

/** The exit codes that services have left, by pid. */
function exitOf(work, pid) {
  const file = path.join(work, `exit-${pid}`);
  return fs.existsSync(file) ? fs.readFileSync(file, "utf8") : "by a signal";
}

/** The reports of its services, once there are so many: that of a cluster's primary comes after its workers are gone. */
async function reportsOf(app, wanted) {
  for (const until = performance.now() + 5_000; ; await sleep(50)) {
    const reports = app
      .output()
      .split("\n")
      .map((line) => /\{"lastcall":"drain".*\}/.exec(line)?.[0])
      .filter((line) => line !== undefined)
      .map((line) => JSON.parse(line))
      .filter(({ service }) => service === "service");
    if (reports.length >= wanted || performance.now() > until) return reports;
  }
}

async function trial(program, options, isControl) {
  const work = prepare(program);
  let app;
  try {
    app = await start(program, work, options);
    const pids = app.pids();
    const count = new Count();
    // A program that is replaced has slow requests in flight whenever its signal comes.
    const loads = program.isReplaced ? [{}, { path: "/slow" }] : [{}];
    const clients = loads.map((each) => load(count, app.port, each));
    const leave = () => Promise.all(clients.map((each) => each.leave()));
    app.leave = leave;
    while (count.sent < 60) await sleep(20);
    const at = performance.now();
    const stopped = program.stop(app);
    // What is replaced goes on: its clients never leave it.
    const isTold = program.isReplaced ? stopped.then(() => gone(pids)) : program.isTold?.(app);
    const left = Promise.resolve(isTold).then(() => {
      // What has taken its place keeps the connections that it has.
      return program.isReplaced ? sleep(300) : leave();
    });
    await stopped;
    const isGone = await gone(pids);
    const seconds = (performance.now() - at) / 1_000;
    // A stop that has not reached the service leaves its clients connected to it for ever.
    if (!isGone) kill(pids);
    await left;
    const [sent, lost] = [count.sent, [...count.lost]];
    const reports = await reportsOf(app, isControl ? 0 : (program.reports ?? pids.length));
    const exits = isGone ? pids.map((pid) => exitOf(work, pid)) : ["still runs"];
    return { sent, lost, seconds, exits, reports, out: app.output() };
  } finally {
    if (app !== undefined) await end(program, app);
    fs.rmSync(work, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** Those of them that are there. */
function kill(pids) {
  for (const pid of pids) {
    try {
      process.kill(pid, "SIGKILL");
    } catch {
      // It is not.
    }
  }
}

async function end(program, app) {
  void app.leave?.();
  await program.end?.(app);
  // Some launchers give their service a process group of its own.
  kill([-app.child.pid, ...app.pids()]);
  living.delete(app);
}

/** @returns {Promise<boolean>} whether it went as it has to. */
async function examine(program) {
  let isGood = true;
  const lines = [];
  const runs = [["", program.options ?? "{}"]];
  if (program.control !== undefined) runs.push([" (control)", program.control]);
  for (const [suffix, options] of runs) {
    const isControl = suffix !== "";
    try {
      const { sent, lost, exits, reports, seconds, out } = await trial(program, options, isControl);
      const isOrderly =
        exits.every((exit) => exit === "0") && reports.length === (program.reports ?? exits.length);
      const isClean = reports.every(
        ({ outcome, exitCode }) => outcome === "clean" && (exitCode ?? 0) === 0,
      );
      const isBad = lost.length > 0 || exits.some((exit) => exit !== "0");
      const isAsWanted = isControl ? isBad : lost.length === 0 && isOrderly && isClean;
      isGood &&= isAsWanted;
      const kinds = [...new Set(lost)].slice(0, 3).join(", ");
      const outcomes = reports.map(({ outcome }) => outcome).join(", ");
      lines.push(
        `${isAsWanted ? "✓" : "✗"} ${program.name}${suffix}: ${lost.length} of ${sent} lost${kinds && ` (${kinds})`}, ` +
          `exit ${exits.join(", ")}, reports ${outcomes || "none"}, ${seconds.toFixed(1)} s`,
      );
      if (!isAsWanted) lines.push(`    ${out.slice(-3_000)}`);
    } catch (error) {
      isGood = false;
      lines.push(`✗ ${program.name}${suffix}: ${error.stack}`);
    }
  }
  console.log(lines.join("\n"));
  return isGood;
}

const isThere = (command) => spawnSync(command, ["--version"]).error === undefined;
const { default: all } = await import(pathToFileURL(path.join(programs, "programs.mjs")).href);
const wanted = all.filter(
  ({ name }) => patterns.length === 0 || patterns.some((each) => name.includes(each)),
);
if (wanted.length === 0) {
  throw new Error(`no program of that name; there are ${all.map(({ name }) => name).join(", ")}`);
}
const begun = performance.now();
const queue = wanted.filter(({ needs }) => needs === undefined || isThere(needs));
const skipped = wanted.filter((each) => !queue.includes(each));
const total = queue.length;
let failed = 0;
await Promise.all(
  Array.from({ length: CONCURRENCY }, async () => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      if (!(await examine(next))) failed++;
    }
  }),
);
for (const { name, needs } of skipped) console.log(`skipped ${name}: apt-get install ${needs}`);
const seconds = ((performance.now() - begun) / 1_000).toFixed(0);
console.log(
  `programs: ${total - failed} of ${total} as they have to be, ${skipped.length} skipped, ${seconds} s`,
);
process.exit(failed > 0 ? 1 : 0);
