// Runs the compiled tests on the Node that runs this script. `node scripts/test.mjs [pattern…]`
// keeps only the files whose path contains one of the patterns.
//
// A script and not `node --test build/test`: Node 20 has no globs for --test, and every supported
// Node must run the very same files.
import { readdirSync } from "node:fs";
import path from "node:path";
import { finished } from "node:stream/promises";
import { run } from "node:test";
import { spec } from "node:test/reporters";

import { missingPackages } from "../build/test/services/servers/programs.js";

const root = path.join(import.meta.dirname, "..", "build", "test");
const args = process.argv.slice(2);
/** `--long`: the long suites, and no others. `--all`: those too. */
const hasOnlyLong = args.includes("--long");
const hasAll = args.includes("--all");
const patterns = args.filter((arg) => !arg.startsWith("--"));
const names = readdirSync(root, { recursive: true, encoding: "utf8" })
  .filter((name) => name.endsWith(".test.js"))
  .filter((name) => patterns.length === 0 || patterns.some((pattern) => name.includes(pattern)))
  .sort();

// Suites with real servers run when they are asked for: not every machine has those.
const isForServers = (name) => patterns.length === 0 && name.startsWith(`services${path.sep}`);

// These take some seconds and more each, and are asked for by `npm run test:long`: the README's command has to be over
// in three minutes. CI runs them too; the matrix does with `--all`.
const LONG = [
  "auto/cluster",
  "auto/configuration",
  "auto/listeners",
  "auto/observe",
  "auto/own-service",
  "auto/shells",
  "auto/unaffected",
  "cli/bad-input",
  "cli/compare",
  "cli/explain",
  "cli/foretold",
  "cli/inspect",
  "cli/interrupted",
  "cli/lint",
  "cli/outputs",
  "cli/traffic",
  "conformance/b-slow-readers",
  "conformance/c-many",
  "conformance/f-certificate",
  "conformance/i-cluster",
  "conformance/i-threads",
  "development",
  "docs/load",
  "docs/shown",
  "faults/",
  "package/bundle",
  "package/commonjs",
  "package/prove",
  "process/deadline",
  "process/pm2",
  "process/told-again",
  "prove/controls",
  "prove/correct",
  "prove/defaults",
  "prove/inspect/",
  "prove/judge/noise",
  "prove/load/rate",
  "prove/protocols",
  "prove/render/page.test",
  "prove/subject/attached",
  "prove/subject/pid1",
  "prove/subject/signal-group",
  "prove/subject/undelivered",
  "prove/subject/unix-socket",
  "prove/trial/proxies",
  "prove/trial/unserved",
  "server/lame-duck",
].map((name) => name.replaceAll("/", path.sep));
const isLong = (name) => LONG.some((start) => name.startsWith(start));
const isAsked = (name) =>
  patterns.length > 0 || (!isForServers(name) && (hasAll || isLong(name) === hasOnlyLong));
const files = names.filter(isAsked).map((name) => path.join(root, name));

if (files.length === 0) {
  console.error(`no test file matches ${patterns.join(", ") || root}`);
  process.exit(1);
}

// Three files at a time: a test mostly waits, and one that another's load makes fail is wrong anyway.
const concurrency = Number(process.env.TEST_CONCURRENCY ?? 3);
// What is long takes several times as long on a machine that is at work for others, too.
const timeout = names.some((name) => isLong(name) && isAsked(name)) ? 600_000 : 180_000;
const stream = run({ files, concurrency, timeout });
const skipped = [];
stream.on("test:fail", ({ todo }) => {
  if (todo === undefined) process.exitCode = 1;
});
stream.on("test:pass", ({ name, file, skip }) => {
  if (skip === undefined || skip === false) return;
  const where = path.relative(root, file ?? "");
  skipped.push(`  ${name} (${where}): ${typeof skip === "string" ? skip : "no reason given"}`);
});
const output = stream.compose(new spec());
output.pipe(process.stdout);
await finished(output);

console.log(`Node ${process.version}: ${files.length} test files, ${skipped.length} tests skipped`);
for (const line of skipped) console.log(line);
const later = names.filter((name) => isLong(name) && !isAsked(name));
if (later.length > 0) console.log(`${later.length} long suites skipped: npm run test:long`);
const unasked = hasOnlyLong ? [] : names.filter(isForServers);
if (unasked.length > 0) {
  const missing = missingPackages();
  const here = missing.length === 0 ? "" : `, and ${missing.join(", ")} not installed here`;
  console.log(`${unasked.length} suites skipped: they need servers (npm run test:services)${here}`);
  for (const name of unasked) console.log(`  ${name}`);
}
