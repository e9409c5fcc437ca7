// @ts-check
// The main job, `npm start`: stops the same shop twice under the same load, without lastcall and
// with it, and shows what the clients saw. Exits with 0 only when the one drops requests, the other
// drops none, and every order that was answered 201 is in the journal exactly once.
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { constants, tmpdir } from "node:os";
import path from "node:path";
import { renderVerdict } from "#src/prove/index.js";
import { renderTimeline } from "#src/prove/render/text/timeline.js";
import { judge } from "./judge.js";
import { describeCommand, proveShop } from "./prove.js";
import { renderDifference, renderHeading, renderJournals } from "./render.js";

/** @import { Stopped } from "./judge.js" */

const { stdout } = process;
const look = {
  color: stdout.isTTY && !process.env["NO_COLOR"],
  // A pseudo-terminal may say 0.
  width: Math.min(100, stdout.columns || 100),
};
const interrupt = new AbortController();
/** @type {number | undefined} */
let interruptCode;
for (const signal of /** @type {const} */ (["SIGINT", "SIGTERM", "SIGHUP"])) {
  process.on(signal, () => {
    interruptCode = 128 + constants.signals[signal];
    interrupt.abort();
  });
}

const folder = await mkdtemp(path.join(tmpdir(), "lastcall-shop-"));
try {
  process.exitCode = await run();
} finally {
  await rm(folder, { recursive: true, force: true });
}

async function run() {
  const files = { without: await source("without.js"), with: await source("with.js") };
  show("The difference, in source", renderDifference(files, look));

  const without = await proveShop("without.js", { folder, interrupt: interrupt.signal });
  if (without === undefined) return interruptCode ?? 1;
  show("Without lastcall", verdictOf(without));

  const withIt = await proveShop("with.js", { folder, interrupt: interrupt.signal });
  if (withIt === undefined) return interruptCode ?? 1;
  show("With lastcall", verdictOf(withIt));

  show("Both stops, on one time axis", timelineOf(without, withIt));
  show("Every order answered 201 is in the journal exactly once", renderJournals(without, withIt));
  const problems = judge(without, withIt);
  for (const problem of problems) console.error(`npm start: ${problem}`);
  return problems.length === 0 ? 0 : 1;
}

/** @param {Stopped} stopped */
function verdictOf({ file, result }) {
  return `${describeCommand(file)}\n\n${renderVerdict(result, { color: look.color, isBrief: true })}`;
}

/** @param {Stopped[]} stops */
function timelineOf(...stops) {
  const rows = stops.flatMap(({ file, result }) =>
    result.trials.flatMap((trial) => trial.stops.map((stop) => ({ name: file, stop }))),
  );
  return renderTimeline(rows, look);
}

/**
 * @param {string} heading
 * @param {string} text
 */
function show(heading, text) {
  console.log(`${renderHeading(heading, look)}\n\n${text}\n`);
}

/** @param {string} file */
function source(file) {
  return readFile(path.join(import.meta.dirname, file), "utf8");
}
