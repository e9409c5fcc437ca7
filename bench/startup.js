// What a program pays for lastcall before it does anything: `import "lastcall"`, its CommonJS build, and `lastcall --help`,
// each a process of its own, over a bare Node; in turns with those of another checkout, where `BEFORE` names one that is built.
import { spawnSync } from "node:child_process";
import path from "node:path";

import { summary } from "./statistics.js";

const ROUNDS = Number(process.env.ROUNDS ?? 40);
const here = path.join(import.meta.dirname, "..");
const roots = { ...(process.env.BEFORE && { before: process.env.BEFORE }), now: here };

const SAY =
  "const { user, system } = process.cpuUsage(); process.stdout.write(String(user + system))";

/** What each way runs, in its own checkout; it prints its CPU time in microseconds. */
const WAYS = {
  "import lastcall": () => script(`await import("lastcall")`),
  "require lastcall": () => ["-e", `require("lastcall"); ${SAY}`],
  // Node ends with it, and says its time on the way out.
  "lastcall --help": (root) => [
    "--import",
    `data:text/javascript,process.on("exit", () => { ${SAY.replace("stdout", "stderr")} })`,
    path.join(root, "dist/cli/main.js"),
    "--help",
  ],
};

function script(text) {
  return ["--input-type=module", "-e", `${text}; ${SAY}`];
}

function run(args, cwd) {
  const begun = performance.now();
  const { stdout, stderr, status } = spawnSync(process.execPath, args, { cwd, encoding: "utf8" });
  const wall = performance.now() - begun;
  const cpu = Number((args.at(-1) === "--help" ? stderr : stdout).trim()) / 1_000;
  if (status !== 0 || !(cpu > 0)) throw new Error(`It ended with ${status}: ${stderr}`);
  return { wall, cpu };
}

const bare = () => run(script(""), here);
console.log(`Node ${process.version}, milliseconds over a bare Node`);
for (const [name, argsFor] of Object.entries(WAYS)) {
  const names = Object.keys(roots);
  const found = Object.fromEntries(names.map((each) => [each, { wall: [], cpu: [] }]));
  for (let round = 0; round < ROUNDS; round++) {
    const floor = bare();
    for (const each of round % 2 === 0 ? names : names.toReversed()) {
      const { wall, cpu } = run(argsFor(roots[each]), roots[each]);
      found[each].wall.push(wall - floor.wall);
      found[each].cpu.push(cpu - floor.cpu);
    }
  }
  for (const each of names) {
    console.log(`${name}, ${each}: CPU ${summary(found[each].cpu, 1)}`);
    console.log(`${name}, ${each}: wall ${summary(found[each].wall, 1)}`);
  }
}
