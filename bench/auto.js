// What `--import lastcall/auto` costs a process before it does anything, over `--import ./empty.mjs`, in turns: a script
// that ends at once, and a program that ends when its server listens.
import { spawnSync } from "node:child_process";
import path from "node:path";
import { pathToFileURL } from "node:url";

import { summary } from "./statistics.js";

const ROUNDS = Number(process.env.ROUNDS ?? 40);
const here = import.meta.dirname;
const url = (file) => pathToFileURL(path.join(here, file)).href;
const PRELOADS = { empty: url("empty.mjs"), auto: url("../dist/auto/index.js") };

const SAY =
  'process.on("exit", () => { const { user, system } = process.cpuUsage(); require("node:fs").writeSync(1, String(user + system)); })';
const PROGRAMS = {
  "a script": SAY,
  "a server that listens": `${SAY}; const server = require("node:http").createServer();
    server.listen(0, "127.0.0.1", () => process.exit())`,
};

function run(preload, program) {
  const begun = performance.now();
  const args = ["--import", PRELOADS[preload], "-e", program];
  const { stdout, stderr, status } = spawnSync(process.execPath, args, { encoding: "utf8" });
  const wall = performance.now() - begun;
  const cpu = Number(stdout.trim()) / 1_000;
  if (status !== 0 || !(cpu > 0)) throw new Error(`It ended with ${status}: ${stderr}`);
  return { wall, cpu };
}

console.log(`Node ${process.version}, milliseconds over an empty preload`);
for (const [name, program] of Object.entries(PROGRAMS)) {
  const found = { wall: [], cpu: [] };
  for (let round = 0; round < ROUNDS; round++) {
    const order = round % 2 === 0 ? ["empty", "auto"] : ["auto", "empty"];
    const by = Object.fromEntries(order.map((preload) => [preload, run(preload, program)]));
    for (const kind of ["wall", "cpu"]) found[kind].push(by.auto[kind] - by.empty[kind]);
  }
  console.log(`${name}: CPU ${summary(found.cpu, 1)}`);
  console.log(`${name}: wall ${summary(found.wall, 1)}`);
}
