// What package managers do with a signal, each with each shell that is here: `node scripts/managers.mjs [manager…]`. A script
// starts a program that takes half a second to stop; the manager alone is signalled, as a platform does it. Printed is whether the
// program hears of it, and whether the manager waits for its end. Lint's rules rest on this table; what is not as
// test/programs/managers/table.mjs has it fails the run.
//
// The managers are pinned in test/programs/managers/package.json, and installed into a folder of the cache once.
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import * as fs from "node:fs";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { install } from "./installed.mjs";
import { MANAGERS, SHELLS, TABLE } from "../test/programs/managers/table.mjs";

const root = path.join(import.meta.dirname, "..");
const programs = path.join(root, "test", "programs", "managers");
const SIGNALS = /** @type {const} */ (["SIGTERM", "SIGINT"]);

/** How long anything may take that has to come, in ms. */
const PATIENCE = 10_000;

/** Six times what the program takes to stop. */
const STOP = 3_000;

const folder = await install("managers", path.join(programs, "package.json"));

/** A folder with a script, and the shell that runs it. */
function prepare(/** @type {string} */ shell) {
  const work = fs.mkdtempSync(path.join(folder, "work-"));
  fs.copyFileSync(path.join(programs, "program.mjs"), path.join(work, "program.mjs"));
  const manifest = { name: "work", scripts: { start: "node program.mjs" } };
  fs.writeFileSync(path.join(work, "package.json"), JSON.stringify(manifest));
  // Of busybox the name says what it is.
  const file = path.join(work, "sh");
  fs.symlinkSync(SHELLS[shell] ?? "", file);
  fs.writeFileSync(path.join(work, ".npmrc"), `script-shell=${file}\nupdate-notifier=false\n`);
  fs.writeFileSync(path.join(work, "pnpm-workspace.yaml"), `scriptShell: ${file}\n`);
  return work;
}

/** What the program has written so far. */
function read(/** @type {string} */ work) {
  const file = path.join(work, "log");
  return fs.existsSync(file) ? fs.readFileSync(file, "utf8") : "";
}

async function until(/** @type {() => boolean} */ isSo, patience = PATIENCE) {
  for (const end = performance.now() + patience; !isSo(); await sleep(10)) {
    if (performance.now() > end) return false;
  }
  return true;
}

/**
 * Whether the program heard of the signal, and whether it had ended when the manager did.
 *
 * @returns {Promise<string>} `waits`, `does not wait`, or `not told`
 */
async function measure(
  /** @type {string} */ manager,
  /** @type {string} */ shell,
  /** @type {"SIGTERM" | "SIGINT"} */ signal,
) {
  const work = prepare(shell);
  const cli = path.join(folder, "node_modules", manager, MANAGERS[manager] ?? "");
  const env = { ...process.env, HOME: work };
  if (manager.startsWith("yarn-4")) {
    // It starts nothing in a folder that it has not installed; a lockfile makes that a project of its own.
    fs.writeFileSync(path.join(work, "yarn.lock"), "");
    // In CI it would refuse to write the lockfile.
    spawnSync(process.execPath, [cli, "install", "--no-immutable"], { cwd: work, env });
  }
  const options = /** @type {const} */ ({ cwd: work, env, stdio: "ignore", detached: true });
  const child = spawn(process.execPath, [cli, "start"], options);
  try {
    const exited = once(child, "exit");
    if (!(await until(() => read(work).includes("ready"))))
      throw new Error(`${manager}: did not start`);
    child.kill(signal);
    await Promise.race([exited, sleep(STOP)]);
    const atExit = read(work);
    // Half a second after its parent's end it has heard of it, or never will.
    await until(() => read(work).includes("done"), STOP / 2);
    const later = read(work);
    if (!later.includes(signal))
      return child.exitCode === null && child.signalCode === null ? "keeps running" : "not told";
    return atExit.includes("done") ? "waits" : "does not wait";
  } finally {
    if (child.pid !== undefined) spawnSync("kill", ["-KILL", "--", `-${child.pid}`]);
    for (const [, pid] of read(work).matchAll(/ready (\d+)/g))
      spawnSync("kill", ["-KILL", pid ?? ""]);
    fs.rmSync(work, { recursive: true, force: true, maxRetries: 5 });
  }
}

const wanted = process.argv.slice(2);
const shells = Object.keys(SHELLS).filter((shell) => fs.existsSync(SHELLS[shell] ?? ""));
console.log(`| manager | shell | ${SIGNALS.join(" | ")} |\n| --- | --- | --- | --- |`);
for (const manager of Object.keys(MANAGERS)) {
  if (wanted.length > 0 && !wanted.includes(manager)) continue;
  for (const shell of shells) {
    const seen = [];
    for (const signal of SIGNALS) seen.push(await measure(manager, shell, signal));
    const expected = TABLE[manager]?.[shell] ?? [];
    const isRight = seen.join() === expected.join();
    console.log(
      `| ${manager} | ${shell} | ${seen.join(" | ")} |${isRight ? "" : ` expected ${expected.join(", ")}`}`,
    );
    if (!isRight) process.exitCode = 1;
  }
}
