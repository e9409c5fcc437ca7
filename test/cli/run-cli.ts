import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { text } from "node:stream/consumers";
import { unlessStalled } from "../harness/unless-stalled.js";

/** The command as installed. */
export const MAIN: string = fileURLToPath(new URL("../../../dist/cli/main.js", import.meta.url));

export interface CliRun {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunningCli {
  readonly pid: number;
  kill(signal: NodeJS.Signals): void;
  readonly ended: Promise<CliRun>;
}

/** Starts `lastcall` with its output in pipes. */
export function startCli(
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
  cwd: string = process.cwd(),
): RunningCli {
  const child = spawn(process.execPath, [MAIN, ...args], {
    cwd,
    // Also where the tests run in Actions, the command does only when a test says so.
    env: { ...process.env, GITHUB_ACTIONS: "", GITHUB_STEP_SUMMARY: "", ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const outputs = Promise.all([text(child.stdout), text(child.stderr)]);
  const ended = once(child, "close").then(async ([code]): Promise<CliRun> => {
    const [stdout, stderr] = await outputs;
    return { code: code as number | null, stdout, stderr };
  });
  return { pid: child.pid ?? 0, kill: (signal) => child.kill(signal), ended };
}

/** Runs it to its end; again when it says that the machine was too busy for a verdict. */
export function runCli(
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
  cwd?: string,
): Promise<CliRun> {
  return unlessStalled(() => startCli(args, env, cwd).ended, hasStalled);
}

/** Whether a run has no verdict because its load process was held up. */
function hasStalled({ code, stdout }: CliRun): boolean {
  return code === 3 && /too noisy to judge|the load process did not get to run/.test(stdout);
}
