// Runs `lastcall prove` on one service, as anybody would, and reads its findings.
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { renderVerdict } from "#src/prove/index.js";
import { findContradictions } from "./invariants.mjs";
import { startService } from "./running.mjs";
import { environment } from "./toolchain.mjs";

const cli = path.join(import.meta.dirname, "..", "..", "dist", "cli", "main.js");
const ATTEMPTS = 3;

/** What was found: `{ verdict, findings, ms }`, or `{ error }` when there was no verdict. */
export async function examine(service, command) {
  let outcome = await proveOnce(service, command);
  for (let attempt = 1; attempt < ATTEMPTS && hasStalled(outcome); attempt += 1) {
    outcome = await proveOnce(service, command);
  }
  return outcome;
}

/** The machine stood still under the prover, which says so and gives no verdict. */
function hasStalled({ verdict }) {
  return verdict === "could-not-run";
}

async function proveOnce(service, command) {
  const begun = performance.now();
  const { during, options } = service;
  const words = ["prove", "--json", ...options];
  const run = during === undefined ? runProve : runDuring;
  const outcome = await run(service, words, command);
  return { ...outcome, ms: performance.now() - begun };
}

function runProve({ folder }, words, command) {
  return runCli(folder, [...words, "--", ...command]);
}

/** The service runs already, and a command replaces it under load. */
async function runDuring({ folder, during }, words, command) {
  const running = await startService(folder, command);
  try {
    const env = { SERVICE_PID: String(running.pid) };
    return await runCli(folder, [...words, "--url", running.url, "--during", during], env);
  } finally {
    await running.stop();
  }
}

async function runCli(folder, words, env = {}) {
  const scratch = mkdtempSync(path.join(tmpdir(), "lastcall-museum-"));
  const ledger = path.join(scratch, "ledger.jsonl");
  try {
    const [command, ...rest] = words;
    const outcome = await runOnce(folder, [command, "--ledger", ledger, ...rest], env);
    return { ...outcome, contradictions: listContradictions(outcome, ledger) };
  } finally {
    rmSync(scratch, { recursive: true });
  }
}

/** What the report says against itself, in JSON, in its ledger and in text. */
function listContradictions({ result }, ledger) {
  if (result === undefined) return [];
  const lines = readFileSync(ledger, "utf8")
    .split("\n")
    .filter((line) => line !== "");
  return findContradictions(
    result,
    lines.map((line) => JSON.parse(line)),
    renderVerdict(result),
  );
}

async function runOnce(folder, words, env) {
  const child = spawn(process.execPath, [cli, ...words], {
    cwd: folder,
    env: { ...environment(), ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const output = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"]) {
    child[name].setEncoding("utf8").on("data", (text) => (output[name] += text));
  }
  const code = await new Promise((resolve, reject) => {
    child.on("error", reject).on("close", resolve);
  });
  return read(output, code);
}

function read({ stdout, stderr }, code) {
  try {
    const result = JSON.parse(stdout);
    const { verdict, findings, error, trials } = result;
    if (error !== undefined) return { verdict, error: error.message };
    if (verdict === "could-not-run") {
      return { verdict, error: trials.flatMap(({ faults }) => faults).join("; ") };
    }
    return { verdict, findings, result };
  } catch {
    return { verdict: "none", error: `exit code ${code}: ${stderr.trim() || stdout.trim()}` };
  }
}
