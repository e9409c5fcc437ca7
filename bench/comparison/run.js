// Proves servers written elsewhere, by the same command, and writes docs/comparison.md.
// `node bench/comparison/run.js [pattern]`: with a pattern only those whose name contains it, and the
// page is left alone. TRIALS sets how often each is stopped (3).
import { execFileSync, spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { listCandidates } from "./candidates.js";

const root = path.join(import.meta.dirname, "..", "..");
const page = path.join(root, "docs", "comparison.md");
const TABLE = /(?<=<!-- table -->\n\n)[^]*?(?=\n\n<!-- end -->)/;
export const OPTIONS = [
  "--slow",
  "GET /slow",
  "--upload",
  "POST /",
  "--grace",
  "10s",
  "--lag",
  "1s",
];
const trials = process.env.TRIALS ?? "3";

const [pattern] = process.argv.slice(2);
execFileSync("npm", ["ci", "--prefix", import.meta.dirname, "--no-audit", "--no-fund"], {
  stdio: ["ignore", "ignore", "inherit"],
});
const rows = [];
for (const candidate of listCandidates()) {
  if (pattern !== undefined && !candidate.name.toLowerCase().includes(pattern.toLowerCase()))
    continue;
  const row = measure(candidate);
  rows.push(row);
  console.log(row.join(" | "));
}
const head = [
  "service",
  "configured",
  "refused",
  "lost",
  "5xx",
  "exit code",
  "signal to exit",
  "findings",
];
const table = [head, head.map(() => "---"), ...rows]
  .map((row) => `| ${row.join(" | ")} |`)
  .join("\n");
if (pattern === undefined)
  writeFileSync(
    page,
    readFileSync(page, "utf8").replace(TABLE, () => table),
  );

/** @param {import("./candidates.js").Candidate} candidate */
function measure({ name, how, command }) {
  if (command === undefined) return [name, how, "not on this machine", "", "", "", "", ""];
  const words = [
    "dist/cli/main.js",
    "prove",
    ...OPTIONS,
    "--trials",
    trials,
    "--json",
    "--",
    ...command,
  ];
  const { stdout, stderr } = spawnSync(process.execPath, words, {
    cwd: root,
    encoding: "utf8",
    maxBuffer: 2 ** 30,
    // srvx takes no care of signals where CI is set.
    env: { ...process.env, CI: "", NODE_ENV: "production" },
  });
  const result = JSON.parse(stdout);
  if (result.error !== undefined) throw new Error(`${name}: ${result.error.message}\n${stderr}`);
  return [name, how, ...summarise(result)];
}

/** @param {import("../../dist/prove/index.js").ProveResult} result */
function summarise({ requests, losses, trials: all, findings }) {
  const answered = losses.filter(({ kind }) => kind === "5xx");
  const errors = answered.reduce((sum, { count }) => sum + count, 0);
  const exits = all.flatMap(({ stops }) => stops.map(({ exit }) => exit));
  const codes = new Set(
    exits.map(({ code, killed }) => (killed === null ? `${code}` : `${code} (killed)`)),
  );
  const times = exits.map(({ afterSignalMs }) => afterSignalMs / 1_000);
  const range = [
    ...new Set([Math.min(...times), Math.max(...times)].map((s) => s.toFixed(1))),
  ].join("–");
  return [
    requests.refused.toLocaleString("en-US"),
    (requests.dropped - errors).toLocaleString("en-US"),
    errors.toLocaleString("en-US"),
    [...codes].join(", "),
    `${range} s`,
    findings.map(({ id }) => `[\`${id}\`](findings/${id.replace("/", "-")}.md)`).join(" ") ||
      "none",
  ];
}
