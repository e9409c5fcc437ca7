// Proves frameworks that other people wrote, as they are and with `lastcall/auto`, and prints the table of docs/auto.md:
// `node scripts/frameworks.mjs [name…]` keeps those whose name contains one of the words. `STOPS` each way, five unless it
// says otherwise. Fails where a stop with `lastcall/auto` loses a request, and where one without loses none.
//
// The packages are pinned in test/programs/auto/package.json, and installed into a folder of the cache once.
import * as fs from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";

import { prove } from "../dist/prove/index.js";
import { install } from "./installed.mjs";

const root = path.join(import.meta.dirname, "..");
const programs = path.join(root, "test", "programs", "auto");
const patterns = process.argv.slice(2);
const trials = Number(process.env.STOPS ?? 5);

const folder = await install("frameworks", path.join(programs, "package.json"), process.env.CACHE);
fs.cpSync(path.join(programs, "services"), folder, { recursive: true });
process.chdir(folder);
const packages = path.join(folder, "node_modules");
const preload = pathToFileURL(path.join(root, "dist", "auto", "index.js")).href;

/** A program that takes its port as an argument gets it from a shell. */
const withPort = (command) => ["sh", "-c", `exec ${process.execPath} ${command}`];
const script = (...args) => [process.execPath, ...args];

const FRAMEWORKS = {
  "Apollo Server 5, standalone": {
    command: script("apollo.mjs"),
    request: "GET /?query=%7Bhello%7D",
  },
  "Fastify CLI 8": {
    command: withPort(`${packages}/fastify-cli/cli.js start -a 127.0.0.1 -p $PORT fastify.cjs`),
  },
  "h3 2": { command: script("h3.mjs") },
  "srvx 1": { command: script("srvx.mjs") },
  "json-server 0.17": {
    command: withPort(`${packages}/json-server/lib/cli/bin.js --port $PORT db.json`),
    request: "GET /posts",
  },
  "Nest 12": { command: script("nest.mjs") },
  "Nest 12, enableShutdownHooks()": { command: script("nest.mjs", "hooks") },
  "Verdaccio 6": {
    command: withPort(
      `${packages}/verdaccio/bin/verdaccio --config verdaccio.yaml --listen 127.0.0.1:$PORT`,
    ),
    request: "GET /-/ping",
  },
};

/** What was lost of each stop, how the process ended, and when. */
async function stop({ command, request = "GET /" }, env) {
  const result = await prove({
    command,
    requests: [request],
    lag: 1_000,
    grace: 10_000,
    trials,
    // In CI srvx listens for no signal.
    env: { ...process.env, CI: "", TEST: "", ...env },
  });
  const lost = result.requests.refused + result.requests.dropped;
  const ends = result.trials.flatMap(({ stops }) => stops.map(({ exit }) => exit));
  const exits = ends.map(({ code }) => String(code));
  const seconds = ends.map(({ afterSignalMs }) => (afterSignalMs ?? 0) / 1_000);
  return {
    lost,
    verdict: result.verdict,
    exits: [...new Set(exits)],
    seconds: Math.max(...seconds),
  };
}

const cells = ({ lost, exits, seconds }) => [lost, exits.join(", "), seconds.toFixed(1)];
const rows = [];
for (const [name, framework] of Object.entries(FRAMEWORKS)) {
  const isMeant = patterns.length === 0 || patterns.some((pattern) => name.includes(pattern));
  if (!isMeant) continue;
  const bare = await stop(framework, {});
  const auto = await stop(framework, {
    NODE_OPTIONS: `--import ${preload}`,
    LASTCALL_GRACE_PERIOD: "10s",
  });
  const isRight = bare.lost > 0 && auto.lost === 0 && auto.verdict === "pass";
  if (!isRight) process.exitCode = 1;
  rows.push([name, ...cells(bare), ...cells(auto)]);
  console.log(`| ${rows.at(-1).join(" | ")} |${isRight ? "" : " ✗"}`);
}
