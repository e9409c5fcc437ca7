// Proves every service of the museum (test/fixtures/services) and compares what was found with what
// is wrong with it. `node scripts/museum.mjs [--runs N] [--jobs N] [--collection DIR] [pattern…]` keeps
// only those whose name contains one of the patterns. Exits with 1 on any difference.
import { parseArgs } from "node:util";
import { COLLECTION, listServices } from "./museum/collection.mjs";
import { compare, renderMatrix } from "./museum/compare.mjs";
import { examine } from "./museum/examine.mjs";
import { findCommand } from "./museum/toolchain.mjs";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    runs: { type: "string", default: "1" },
    // A stop mostly waits; more than the cores can carry would measure each other.
    jobs: { type: "string", default: "2" },
    collection: { type: "string", default: COLLECTION },
  },
});
const runs = readCount("--runs", values.runs);
const jobs = readCount("--jobs", values.jobs);
const services = listServices(values.collection, positionals);
if (services.length === 0) {
  console.error(`no service matches ${positionals.join(", ") || values.collection}`);
  process.exit(2);
}

const ready = [];
const skipped = [];
for (const service of services) {
  const { command, missing } = findCommand(service);
  if (missing === undefined) ready.push({ service, command });
  else skipped.push(`${service.name}: ${missing}`);
}

const cells = [];
const differences = [];
const begun = performance.now();
for (let run = 1; run <= runs; run += 1) {
  if (runs > 1) console.log(`\nrun ${run} of ${runs}`);
  const queue = [...ready];
  await Promise.all(Array.from({ length: jobs }, () => work(queue, run)));
}

console.log(`\n${renderMatrix(cells)}\n`);
for (const difference of differences) console.log(`✗ ${difference}`);
for (const skip of skipped) console.log(`skipped ${skip}`);
const seconds = Math.round((performance.now() - begun) / 1_000);
const repeated = runs === 1 ? "" : `, ${runs} times`;
const amount = `${ready.length} services${repeated}, ${skipped.length} skipped, in ${seconds} s`;
console.log(`${amount}: ${differences.length === 0 ? "all as expected" : "DIFFERENCES"}`);
process.exitCode = differences.length === 0 ? 0 : 1;

async function work(queue, run) {
  for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
    const { service, command } = next;
    const outcome = await examine(service, command);
    const { cells: mine, wrong } = compare(service, outcome);
    cells.push(...mine);
    const where = runs === 1 ? service.name : `${service.name} in run ${run}`;
    differences.push(...wrong.map((what) => `${where}: ${what}`));
    show(service, outcome, wrong);
  }
}

function show({ name }, { findings = [], ms }, wrong) {
  const found = findings.map(({ id }) => id).join(" ") || "nothing";
  const mark = wrong.length === 0 ? "✓" : "✗";
  console.log(`${mark} ${name.padEnd(50)} ${(ms / 1_000).toFixed(1).padStart(4)} s  ${found}`);
  for (const what of wrong) console.log(`  ${what}`);
}

function readCount(name, text) {
  const value = Number(text);
  if (Number.isInteger(value) && value > 0) return value;
  console.error(`Expected \`${name}\` to be a whole number from 1 up, got \`${text}\``);
  process.exit(2);
}
