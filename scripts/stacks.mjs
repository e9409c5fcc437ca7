// Runs the recipes of examples/stacks with the real packages, each stopped under its own clients: `node scripts/stacks.mjs
// [name…]` keeps those whose name contains one of the words. For each it prints what its clients saw lost, the exit code and
// the seconds from the signal to the exit, and the same of the same program with a `lastcall` that does nothing, or
// without the one line that is shown: that has to lose something.
//
// The packages are pinned in test/stacks/package.json, and installed into a folder of the cache once.
import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import * as fs from "node:fs";
import net from "node:net";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { setTimeout as sleep } from "node:timers/promises";

import { transform } from "esbuild";

import { freePort, install } from "./installed.mjs";

const root = path.join(import.meta.dirname, "..");
const stacks = path.join(root, "test", "stacks");
const recipes = path.join(root, "examples", "stacks");
const patterns = process.argv.slice(2);

/** A recipe is given this long to be over, in ms: its own budget is 10 s. */
const PATIENCE = 20_000;
/** Half of the budget: what leaves by itself has left by then. */
const LONGEST = 5_000;
const CONCURRENCY = 2;
/** Where this run works: another may be under way. */
const WORK = `work-${process.pid}`;

/**
 * A folder in which the recipes and their clients find the packages, and `lastcall` or what stands in for it; or
 * `lastcall` itself, and the recipes without what `leftOut` matches.
 */
async function prepare(folder, isControl, leftOut) {
  const work = path.join(
    folder,
    WORK,
    `${isControl ? "without" : "with"}-${randomBytes(3).toString("hex")}`,
  );
  fs.mkdirSync(path.join(work, "node_modules"), { recursive: true });
  fs.symlinkSync(
    isControl && leftOut === undefined ? path.join(stacks, "without") : root,
    path.join(work, "node_modules", "lastcall"),
  );
  fs.writeFileSync(path.join(work, "package.json"), '{"type":"module"}');
  for (const from of [recipes, stacks]) {
    for (const name of fs.readdirSync(from).filter((each) => /\.(mjs|ts|proto)$/.test(each))) {
      const whole = fs.readFileSync(path.join(from, name), "utf8");
      const text = isControl && from === recipes ? whole.replace(leftOut ?? "", "") : whole;
      if (name.endsWith(".ts")) {
        const tsconfigRaw = { compilerOptions: { experimentalDecorators: true } };
        const { code } = await transform(text, { loader: "ts", target: "es2022", tsconfigRaw });
        fs.writeFileSync(path.join(work, name.replace(/\.ts$/, ".mjs")), code);
      } else fs.writeFileSync(path.join(work, name), text);
    }
  }
  return work;
}

const running = new Set();

/** Starts a recipe; resolves when it accepts connections. */
async function start(work, recipe, { args = [], env = {} } = {}) {
  const port = await freePort();
  const child = spawn(process.execPath, [...args, `${recipe}.mjs`], {
    cwd: work,
    env: { ...process.env, PORT: String(port), ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  running.add(child);
  const app = { child, port, out: "", cwd: work };
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (data) => void (app.out += data));
  }
  app.exited = once(child, "close").then(([code, signal]) => {
    running.delete(child);
    return { code: code ?? signal, at: performance.now() };
  });
  app.stop = () => child.kill("SIGTERM");
  for (const until = performance.now() + 60_000; !(await accepts(port)); await sleep(50)) {
    if (child.exitCode !== null) throw new Error(`ended before it served: ${app.out.slice(-800)}`);
    if (performance.now() > until) throw new Error(`does not listen: ${app.out.slice(-800)}`);
  }
  return app;
}

async function accepts(port) {
  const socket = net.connect(port, "127.0.0.1");
  try {
    await once(socket, "connect");
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

/** Stops one recipe under its clients. */
async function trial(work, { recipe, before, clients, settings = () => ({}) }) {
  const context = { work, start: (name, options) => start(work, name, options) };
  const ground = (await before?.(context)) ?? {};
  const app = await start(work, recipe, settings(ground));
  const { count, leave } = await clients({ ...context, ...ground, app });
  const at = performance.now();
  app.stop();
  const late = sleep(
    PATIENCE,
    { code: "still runs", at: performance.now() + PATIENCE },
    { ref: false },
  );
  const left = leave();
  const exit = await Promise.race([app.exited, late]);
  app.child.kill("SIGKILL");
  await Promise.race([left, sleep(PATIENCE, undefined, { ref: false })]);
  await ground.close?.();
  const report = app.out.split("\n").find((line) => line.startsWith('{"lastcall":"drain"'));
  return { ...count, exit: exit.code, seconds: (exit.at - at) / 1_000, report, out: app.out };
}

/** @returns {Promise<boolean>} whether it went as it has to. */
async function examine(folder, name, stack) {
  const lines = [];
  let isGood = true;
  for (const isControl of stack.hasNoControl ? [false] : [false, true]) {
    const work = await prepare(folder, isControl, stack.leftOut);
    try {
      const { sent, lost, exit, seconds, report, out } = await trial(work, stack);
      const isClean = lost.length === 0 && exit === 0 && seconds * 1_000 < LONGEST;
      const isAsWanted = isControl ? lost.length > 0 : isClean;
      isGood &&= isAsWanted;
      const kinds = [...new Set(lost)].slice(0, 3).join(", ");
      const mark = isAsWanted ? "✓" : "✗";
      const figures = `${lost.length} of ${sent} lost, exit ${exit}, ${seconds.toFixed(1)} s`;
      lines.push(
        `${mark} ${name}${isControl ? " (control)" : ""}: ${figures}${kinds && ` (${kinds})`}`,
      );
      if (!isAsWanted) lines.push(`    ${report ?? out.slice(-800)}`);
    } catch (error) {
      isGood = false;
      lines.push(`✗ ${name}: ${error.stack}`);
    }
  }
  console.log(lines.join("\n"));
  return isGood;
}

const folder = await install("stacks", path.join(stacks, "package.json"));
const other = await install("stacks", path.join(stacks, "nest-11", "package.json"));
const home = await prepare(folder, false);
const { stacks: all } = await import(pathToFileURL(path.join(home, "clients.mjs")).href);
const wanted = Object.entries(all).filter(
  ([name]) => patterns.length === 0 || patterns.some((each) => name.includes(each)),
);
if (wanted.length === 0)
  throw new Error(`no stack of that name; there are ${Object.keys(all).join(", ")}`);
const begun = performance.now();
const queue = [...wanted];
let failed = 0;
await Promise.all(
  Array.from({ length: CONCURRENCY }, async () => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      const [name, stack] = next;
      const isGood = await examine(stack.isNest11 ? other : folder, name, stack);
      if (!isGood) failed++;
    }
  }),
);
for (const child of running) child.kill("SIGKILL");
for (const each of [folder, other])
  fs.rmSync(path.join(each, WORK), { recursive: true, force: true });
const seconds = ((performance.now() - begun) / 1_000).toFixed(0);
console.log(
  `stacks: ${wanted.length - failed} of ${wanted.length} as they have to be, ${seconds} s`,
);
process.exit(failed > 0 ? 1 : 0);
