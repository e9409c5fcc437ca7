import { constants } from "node:os";
import { CannotRunError, prove, renderTimeline, renderVerdict } from "../prove/index.js";
import type { ProveOptions, ProveResult } from "../prove/index.js";
import { readArguments } from "./arguments.js";
import { hasColor, type Io } from "./io.js";
import { openLedger, type LedgerFile } from "./ledger-file.js";
import { createProgress } from "./progress.js";
import { PROVE_HELP, PROVE_OPTIONS } from "./prove-help.js";
import { readProveOptions } from "./prove-options.js";
import { EXIT } from "./usage.js";

/** `lastcall prove`. Returns the exit code. Throws UsageError. */
export async function runProve(args: readonly string[], io: Io): Promise<number> {
  const given = readArguments(args, PROVE_OPTIONS);
  if (given.options.has("--help")) {
    io.stdout.write(PROVE_HELP);
    return EXIT.clean;
  }
  const options = readProveOptions(given);
  const isJson = given.options.has("--json");
  const path = given.options.get("--ledger")?.[0];
  const ledger = path === undefined ? undefined : await openLedger(path);
  try {
    return await runUnlessInterrupted(options, { isJson, ledger, io });
  } finally {
    await ledger?.close();
  }
}

interface Output {
  readonly isJson: boolean;
  readonly ledger: LedgerFile | undefined;
  readonly io: Io;
}

async function runUnlessInterrupted(options: ProveOptions, output: Output): Promise<number> {
  const interruption = watchInterruption();
  const progress = createProgress(output.io.stderr);
  try {
    const result = await prove({
      ...options,
      abort: interruption.abort,
      onProgress: progress.show,
      onRequest: (row) => output.ledger?.write(row),
    });
    progress.clear();
    return print(result, output);
  } catch (error) {
    progress.clear();
    if (!(error instanceof CannotRunError)) throw error;
    return interruption.exitCode() ?? explain(error, output);
  } finally {
    interruption.forget();
  }
}

function print(result: ProveResult, { isJson, io }: Output): number {
  if (isJson) io.stdout.write(`${JSON.stringify(result)}\n`);
  else io.stdout.write(`${draw(result, hasColor(io.stdout), io.stdout.columns)}\n`);
  if (result.verdict === "could-not-run") return EXIT.cannot;
  return result.verdict === "pass" ? EXIT.clean : EXIT.found;
}

function draw(result: ProveResult, color: boolean, columns: number | undefined): string {
  const verdict = renderVerdict(result, { color });
  const stop = result.trials.length === 1 ? result.trials[0]?.stops[0] : undefined;
  if (stop === undefined) return verdict;
  const name = result.command.join(" ");
  const width = Math.min(columns ?? 100, 120);
  return `${renderTimeline([{ name, stop }], { color, width })}\n\n${verdict}`;
}

function explain(error: CannotRunError, { isJson, io }: Output): number {
  const { code, message } = error;
  if (isJson) {
    const verdict = "could-not-run";
    io.stdout.write(`${JSON.stringify({ version: 1, verdict, error: { code, message } })}\n`);
  }
  io.stderr.write(`lastcall prove: could not run: ${message}\n`);
  return EXIT.cannot;
}

const INTERRUPTIONS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** Ctrl-C ends the service and the load first; a second one leaves that to the load process. */
function watchInterruption(): {
  abort: AbortSignal;
  exitCode: () => number | undefined;
  forget: () => void;
} {
  const controller = new AbortController();
  let code: number | undefined;
  const take = (signal: NodeJS.Signals): void => {
    if (code !== undefined) process.exit(code);
    code = 128 + constants.signals[signal];
    controller.abort();
  };
  for (const signal of INTERRUPTIONS) process.on(signal, take);
  const forget = (): void => {
    for (const signal of INTERRUPTIONS) process.off(signal, take);
  };
  return { abort: controller.signal, exitCode: () => code, forget };
}
