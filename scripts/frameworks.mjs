// Proves frameworks that other people wrote, as they are and with `lastcall/auto`, and prints the table of docs/auto.md:
// `node scripts/frameworks.mjs [--large] [--write] [name…]` keeps those whose name contains one of the words. `--large`: those
// that are built first, or take minutes to install; `--write`: the rows into the table. `STOPS` each way, five unless it says
// otherwise. Fails where a stop with `lastcall/auto` loses a request, and where one without loses none.
//
// The packages are pinned in the folders of test/programs/auto/, and installed once, into folders outside of the repository.
import path from "node:path";
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";

import { prove } from "../dist/prove/index.js";
import { LARGE, SMALL } from "../test/programs/auto/frameworks.mjs";
import { prepare } from "./frameworks/prepare.mjs";
import { writeRows } from "./frameworks/table.mjs";

const root = path.join(import.meta.dirname, "..");
const { values, positionals: patterns } = parseArgs({
  allowPositionals: true,
  options: { large: { type: "boolean" }, write: { type: "boolean" } },
});
const trials = Number(process.env.STOPS ?? 5);
/** One that loses is enough of a control where a stop takes its whole grace period. */
const controls = values.large ? 1 : trials;
const preload = pathToFileURL(path.join(root, "dist", "auto", "index.js")).href;

/** What was lost of each stop, how the process ended, and when. */
async function stop({ command, request = "GET /", slow, websocket, events }, count, env) {
  const result = await prove({
    command,
    requests: [request],
    ...(slow && { slow: [slow] }),
    ...(websocket && { websockets: [websocket] }),
    ...(events && { events: [events] }),
    lag: 1_000,
    grace: 10_000,
    startTimeout: 120_000,
    trials: count,
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
    why: [
      ...result.trials.flatMap(({ faults }) => faults),
      ...result.losses.map(({ client, kind, count }) => `${count} ${client} ${kind}`),
      ...result.findings.map(({ id, message }) => `${id}: ${message}`),
    ],
  };
}

const cells = ({ lost, exits, seconds }) => [lost, exits.join(", "), seconds.toFixed(1)];
const rows = [];
for (const framework of values.large ? LARGE : SMALL) {
  const { name } = framework;
  if (patterns.length > 0 && !patterns.some((pattern) => name.includes(pattern))) continue;
  process.chdir(await prepare(framework));
  const { env = {}, preload: variable = "NODE_OPTIONS" } = framework;
  const bare = await stop(framework, controls, { ...env, [variable]: "" });
  const auto = await stop(framework, trials, {
    ...env,
    [variable]: `--import ${preload}`,
    LASTCALL_GRACE_PERIOD: "10s",
  });
  const isControl = bare.lost > 0 || (framework.isOrphan && bare.verdict === "fail");
  const isRight = isControl && auto.lost === 0 && auto.verdict === "pass";
  const row = [name, ...cells(bare), ...cells(auto), values.large ? "" : "yes"];
  console.log(`| ${row.join(" | ")} |`);
  if (isRight) {
    rows.push(row);
    continue;
  }
  process.exitCode = 1;
  console.log(`  ✗ ${bare.verdict} as it is, ${auto.verdict} with it`);
  for (const why of isControl ? auto.why : bare.why) console.log(`    ${why}`);
}
if (values.write) {
  writeRows(
    rows,
    [...SMALL, ...LARGE].map(({ name }) => name),
  );
}
