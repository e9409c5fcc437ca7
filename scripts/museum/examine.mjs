// Runs `lastcall prove` on one service, as anybody would, and reads its findings.
import { spawn } from "node:child_process";
import path from "node:path";
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

async function proveOnce({ folder, options }, command) {
  const begun = performance.now();
  const words = [cli, "prove", "--json", ...options, "--", ...command];
  const child = spawn(process.execPath, words, {
    cwd: folder,
    env: environment(),
    stdio: ["ignore", "pipe", "pipe"],
  });
  const output = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"]) {
    child[name].setEncoding("utf8").on("data", (text) => (output[name] += text));
  }
  const code = await new Promise((resolve, reject) => {
    child.on("error", reject).on("close", resolve);
  });
  return { ...read(output, code), ms: performance.now() - begun };
}

function read({ stdout, stderr }, code) {
  try {
    const { verdict, findings, error, trials } = JSON.parse(stdout);
    if (error !== undefined) return { verdict, error: error.message };
    if (verdict === "could-not-run") {
      return { verdict, error: trials.flatMap(({ faults }) => faults).join("; ") };
    }
    return { verdict, findings };
  } catch {
    return { verdict: "none", error: `exit code ${code}: ${stderr.trim() || stdout.trim()}` };
  }
}
