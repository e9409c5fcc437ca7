// Restarts the two instances behind each proxy, one after the other, under load: `node scripts/proxies.mjs [name…]` keeps the
// proxies whose name contains one of the words. With `--table` the table of docs/proxies.md, which has the way without evidence too;
// with `--lines` what happens without each of the lines that the page explains.
//
// HAProxy and nginx are Debian's; the others are pinned in test/proxies/requirements.txt, as wheels of Python that carry the
// programs, and installed into a folder of the cache once.
import { execFileSync, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import * as fs from "node:fs";
import http from "node:http";
import net from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { pathToFileURL } from "node:url";

import { ask, Count } from "../test/stacks/lib.mjs";
import { filled, freePort } from "./installed.mjs";

const root = path.join(import.meta.dirname, "..");
const proxies = path.join(root, "test", "proxies");
const words = process.argv.slice(2).filter((arg) => !arg.startsWith("--"));
const isTable = process.argv.includes("--table");
const isLines = process.argv.includes("--lines");

const CLIENTS = 16;

/** How often each of the instances is restarted; the control until it has lost something, at most so often. */
const ROUNDS = 2;
const MOST_CONTROLS = 4;

/** A proxy that asks its instances is let go sooner than in the whole of the lame duck, 5 s, on a busy machine too. */
const LONGEST_STOP = 4;

/** How long anything may take, in ms. */
const PATIENCE = 30_000;

/** A virtual environment of Python with the wheels. */
function installWheels(folder) {
  execFileSync("python3", ["-m", "venv", folder]);
  const pip = ["install", "--quiet", "--disable-pip-version-check", "--no-deps", "--requirement"];
  execFileSync(path.join(folder, "bin", "pip"), [...pip, wheels]);
}

const wheels = path.join(proxies, "requirements.txt");
const programs = path.join(await filled("proxies", wheels, installWheels), "bin");
const env = { ...process.env, PATH: `${programs}${path.delimiter}${process.env.PATH}` };
const living = new Set();
// Not by SIGKILL: nginx would leave its workers behind.
process.on("exit", () => {
  for (const child of living) child.kill("SIGTERM");
});

function run(command, args, cwd, input = "") {
  const child = spawn(command, args, { cwd, env, stdio: "pipe" });
  child.stdin.on("error", () => {}).end(input);
  living.add(child);
  const app = { child, out: "" };
  for (const stream of [child.stdout, child.stderr]) {
    stream
      .setEncoding("utf8")
      .on("data", (text) => void (app.out = (app.out + text).slice(-4_000)));
  }
  child.on("error", (error) => void (app.out += error.message));
  app.exited = once(child, "exit").then(([code, signal]) => {
    living.delete(child);
    return signal ?? code;
  });
  return app;
}

async function until(what, isSo) {
  for (const end = performance.now() + PATIENCE; !(await isSo()); await sleep(20)) {
    if (performance.now() > end) throw new Error(`not within ${PATIENCE} ms: ${what()}`);
  }
}

const answers = (port, route) =>
  ask(port, { path: route }).then(
    () => true,
    () => false,
  );

/** Asks nothing: what asks for readiness once would be one more balancer, of which nothing is known. */
async function accepts(port) {
  const socket = net.connect(port, "127.0.0.1");
  const isConnected = await new Promise((resolve) => {
    socket.on("connect", () => resolve(true)).on("error", () => resolve(false));
  });
  socket.destroy();
  return isConnected;
}

/** The program of the documentation, with an application that takes its time, on a port that is free here. */
function example(port) {
  const text = fs.readFileSync(path.join(root, "examples", "proxies", "server.js"), "utf8");
  const app = `(await import(${JSON.stringify(pathToFileURL(path.join(proxies, "app.mjs")))})).app`;
  const program = text.replace('(_req, res) => res.end("hello\\n")', app);
  return program.replace("listen(3001)", `listen(${port}, "127.0.0.1")`);
}

async function startInstance(way, port) {
  const app =
    way === "evidence"
      ? run(process.execPath, ["--input-type=module"], root, example(port))
      : run(process.execPath, [path.join(proxies, "instance.mjs"), way, String(port)], root);
  await until(
    () => `an instance listens: ${app.out}`,
    () => accepts(port),
  );
  return app;
}

/** Clients that keep their connections to the proxy, a quarter of what they send is no GET. */
function load(count, port) {
  const door = { isOpen: true };
  const clients = Array.from({ length: CLIENTS }, async () => {
    const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
    for (let sent = 0; door.isOpen; sent++) {
      const method = sent % 4 === 0 ? "POST" : "GET";
      await count.one(method, () => ask(port, { agent, method }));
      await sleep(5 + Math.random() * 20);
    }
    agent.destroy();
  });
  return async () => {
    door.isOpen = false;
    await Promise.all(clients);
  };
}

/** Its configuration as the documentation shows it, with ports that are free here. */
function configure({ file, settle = (text) => text, edit = (text) => text }, front, [one, two]) {
  const text = edit(fs.readFileSync(path.join(root, "examples", "proxies", file), "utf8"));
  const ports = { 8080: front, 3001: one, 3002: two };
  return settle(text.replace(/\b(8080|3001|3002)\b/g, (port) => String(ports[port])));
}

/** Restarts one after the other, `rounds` times each, until `isEnough`; what the clients lost and the seconds of each stop. */
async function restart(proxy, way, rounds, isEnough = () => false) {
  const folder = fs.mkdtempSync(path.join(tmpdir(), "lastcall-proxies-"));
  const front = await freePort();
  const instances = [await freePort(), await freePort()];
  const apps = await Promise.all(instances.map((port) => startInstance(way, port)));
  const file = path.join(folder, proxy.file);
  fs.writeFileSync(file, configure(proxy, front, instances));
  const it = run(proxy.command, proxy.args(file, folder, front), folder);
  const count = new Count();
  const seconds = [];
  const exits = [];
  let rest = async () => {};
  try {
    await until(
      () => `${proxy.name} answers: ${it.out}`,
      () => answers(front, "/"),
    );
    rest = load(count, front);
    const isServed = (app) =>
      until(
        () => `${proxy.name} sends to an instance: ${app.out}`,
        () => app.out.includes("serves"),
      );
    await Promise.all(apps.map(isServed));
    for (let stop = 0; stop < 2 * rounds && !isEnough(count); stop++) {
      const index = stop % 2;
      // Sends until then what was in flight when the other came.
      await sleep(300);
      const at = performance.now();
      apps[index].child.kill("SIGTERM");
      exits.push(await apps[index].exited);
      seconds.push((performance.now() - at) / 1_000);
      apps[index] = await startInstance(way, instances[index]);
      await isServed(apps[index]);
    }
    await rest();
    return { count, seconds, exits, out: it.out };
  } finally {
    void rest();
    it.child.kill("SIGTERM");
    for (const { child } of apps) child.kill("SIGKILL");
    await Promise.all([it, ...apps].map(({ exited }) => exited));
    fs.rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

const middle = (list) => list.toSorted((a, b) => a - b)[Math.floor(list.length / 2)];
const isLetGo = ({ asks }, { seconds }) => !asks || middle(seconds) < LONGEST_STOP;
const said = ({ count, seconds }) => ({
  lost: `${count.lost.length} of ${count.sent.toLocaleString("en")}`,
  seconds: middle(seconds).toFixed(1),
});

async function examine(proxy) {
  const kept = await restart(proxy, "evidence", ROUNDS);
  const control = await restart(proxy, "exit", MOST_CONTROLS, ({ lost }) => lost.length > 0);
  const isWhole = kept.count.lost.length === 0 && kept.exits.every((exit) => exit === 0);
  const isKept = isWhole && isLetGo(proxy, kept);
  const isLost = control.count.lost.length > 0;
  for (const [isGood, name, each] of [
    [isKept, proxy.name, kept],
    [isLost, `${proxy.name} (control: server.close() and process.exit())`, control],
  ]) {
    const { lost, seconds } = said(each);
    const kinds = [...new Set(each.count.lost)].slice(0, 3).join(", ");
    const stops = `${each.seconds.length} stops of ${seconds} s, exit ${[...new Set(each.exits)].join(", ")}`;
    console.log(`${isGood ? "✓" : "✗"} ${name}: ${lost} lost${kinds && ` (${kinds})`}, ${stops}`);
    if (!isGood) console.log(each.out.replace(/^/gm, "    "));
  }
  return isKept && isLost;
}

/** Its configuration without one of the lines that matter. */
async function examineLines(proxy) {
  for (const [name, [pattern, other]] of Object.entries(proxy.lines)) {
    const edit = (text) => {
      const edited = text.replace(pattern, other);
      if (edited === text) throw new Error(`${proxy.file} has no such line: ${name}`);
      return edited;
    };
    const { lost, seconds } = said(await restart({ ...proxy, edit }, "evidence", MOST_CONTROLS));
    console.log(`| ${proxy.name} | ${name} | ${lost}, ${seconds} s |`);
  }
  return true;
}

async function row(proxy, version) {
  const evidence = said(await restart(proxy, "evidence", ROUNDS));
  const time = said(await restart(proxy, "time", ROUNDS));
  const close = said(await restart(proxy, "close", ROUNDS));
  const exit = said(await restart(proxy, "exit", ROUNDS));
  const cells = [evidence, time, close, exit].map(({ lost, seconds }) => `${lost}, ${seconds} s`);
  console.log(`| ${[`${proxy.name} ${version}`, ...cells].join(" | ")} |`);
  return true;
}

const { default: all } = await import(pathToFileURL(path.join(proxies, "proxies.mjs")).href);
const wanted = all.filter(
  ({ name }) =>
    words.length === 0 || words.some((word) => name.toLowerCase().includes(word.toLowerCase())),
);
if (wanted.length === 0) {
  throw new Error(`no proxy of that name; there are ${all.map(({ name }) => name).join(", ")}`);
}
if (isTable) {
  console.log(
    "| proxy | lastcall answers the probes | the application does | `server.close()`, a second | and `process.exit()` |",
  );
  console.log("| --- | --- | --- | --- | --- |");
}
if (isLines) {
  console.log("| proxy | its configuration | lost, seconds |");
  console.log("| --- | --- | --- |");
}
const examineOne = isTable ? row : isLines ? examineLines : examine;
const begun = performance.now();
let [failed, skipped] = [0, 0];
for (const proxy of wanted) {
  const { error, stdout, stderr } = spawnSync(proxy.command, proxy.version, {
    env,
    encoding: "utf8",
  });
  if (error !== undefined) {
    skipped++;
    console.log(`- ${proxy.name}: \`${proxy.command}\` is not installed`);
    continue;
  }
  const [version = ""] = /\d+\.\d+\.\d+/.exec(stdout + stderr) ?? [];
  if (!(await examineOne(proxy, version))) failed++;
}
console.log(
  `\n${wanted.length - failed - skipped} of ${wanted.length} proxies as they have to be, in ${((performance.now() - begun) / 1_000).toFixed(0)} s`,
);
process.exitCode = failed > 0 ? 1 : 0;
