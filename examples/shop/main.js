// @ts-check
// The main job, `npm start`: stops the same shop twice under the same load, without lastcall and
// with it, and shows what the clients saw. Exits with 0 only when the one drops requests, the other
// drops none, and every order that was answered 201 is in the journal exactly once.
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { constants, tmpdir } from "node:os";
import path from "node:path";
import { CannotRunError, prove, renderTimeline, renderVerdict } from "#src/prove/index.js";
import { checkJournal } from "./check-journal.js";
import { judge } from "./judge.js";
import { describeCommand, load } from "./load.js";
import { createProgress } from "./progress.js";
import { renderDifference, renderHeading, renderJournals } from "./render.js";

/** @import { Stopped } from "./judge.js" */

const { stdout, stderr } = process;
const look = {
  color: stdout.isTTY && !process.env["NO_COLOR"],
  width: Math.min(100, stdout.columns ?? 100),
};
const progress = createProgress(stderr);
const interrupt = new AbortController();
const data = await mkdtemp(path.join(tmpdir(), "lastcall-shop-"));

for (const signal of /** @type {const} */ (["SIGINT", "SIGTERM"])) {
  // The service and the load run in groups of their own: prove() ends them before it rejects.
  process.once(signal, () => {
    process.exitCode = 128 + constants.signals[signal];
    interrupt.abort();
  });
}

try {
  process.exitCode = await run();
} catch (error) {
  if (!interrupt.signal.aborted) {
    console.error(error instanceof CannotRunError ? `Could not run: ${error.message}` : error);
    process.exitCode = 1;
  }
} finally {
  progress.clear();
  await rm(data, { recursive: true, force: true });
}

async function run() {
  const files = { without: await source("without.js"), with: await source("with.js") };
  show("The difference, in source", renderDifference(files, look));
  const without = await stop("without.js");
  show("Without lastcall", verdictOf(without));
  const withIt = await stop("with.js");
  show("With lastcall", verdictOf(withIt));
  show("Both stops, on one time axis", timelineOf(without, withIt));
  show("Every order answered 201 is in the journal exactly once", renderJournals(without, withIt));

  const problems = judge(without, withIt);
  for (const problem of problems) console.error(`npm start: ${problem}`);
  return problems.length === 0 ? 0 : 1;
}

/**
 * Starts the shop, loads it, stops it, and compares its journal with what the clients were told.
 *
 * @param {string} file
 * @returns {Promise<Stopped>}
 */
async function stop(file) {
  const folder = path.join(data, file);
  /** @type {import("#src/prove/index.js").RequestRow[]} */
  const rows = [];
  const result = await prove({
    ...load,
    command: [process.execPath, path.join(import.meta.dirname, file)],
    env: { ...process.env, SHOP_DATA: folder },
    onRequest: (row) => rows.push(row),
    onProgress: (event) => progress.show(file, event),
    abort: interrupt.signal,
  });
  progress.clear();
  const journal = await readFile(path.join(folder, "orders.ndjson"), "utf8");
  return { file, result, journal: checkJournal(rows, journal) };
}

/** @param {Stopped} stopped */
function verdictOf({ file, result }) {
  return `${describeCommand(file)}\n\n${renderVerdict(result, look)}`;
}

/** @param {Stopped[]} stops */
function timelineOf(...stops) {
  const rows = stops.flatMap(({ file, result }) =>
    result.trials.flatMap((trial) => trial.stops.map((each) => ({ name: file, stop: each }))),
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
