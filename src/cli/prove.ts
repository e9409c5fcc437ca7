import { constants } from "node:os";
import { CannotRunError, describeSubject, prove, type ProveOptions } from "../prove/index.js";
import { readArguments } from "./arguments.js";
import type { Io } from "./io.js";
import { openOutputs } from "./outputs/open-outputs.js";
import type { Output } from "./outputs/output.js";
import { createProgress, type Progress } from "./progress.js";
import { PROVE_HELP, PROVE_OPTIONS } from "./prove-help.js";
import { readProveOptions } from "./prove-options.js";
import { readTrafficOptions } from "./traffic-options.js";
import { EXIT } from "./usage.js";

/** `lastcall prove`. Returns the exit code. Throws UsageError. */
export async function runProve(args: readonly string[], io: Io): Promise<number> {
  const given = readArguments(args, PROVE_OPTIONS);
  if (given.options.has("--help")) {
    io.stdout.write(PROVE_HELP);
    return EXIT.clean;
  }
  const own = readProveOptions(given);
  const note = (text: string): boolean => io.stderr.write(`lastcall prove: ${text}\n`);
  const options = { ...own, ...(await readTrafficOptions(given, own.requests, note)) };
  const output = await openOutputs(given, describeSubject(options), io);
  try {
    return await runUnlessInterrupted(options, output, io);
  } finally {
    await output.close?.();
  }
}

async function runUnlessInterrupted(
  options: ProveOptions,
  output: Output,
  io: Io,
): Promise<number> {
  const progress = createProgress(io.stderr);
  const interruption = watchInterruption(progress);
  try {
    const result = await prove({
      ...options,
      abort: interruption.abort,
      onProgress: progress.show,
      onRequest: (row) => output.onRequest?.(row),
    });
    progress.clear();
    output.writeResult(result);
    if (result.verdict === "could-not-run") return EXIT.cannot;
    return result.verdict === "pass" ? EXIT.clean : EXIT.found;
  } catch (error) {
    progress.clear();
    if (!(error instanceof CannotRunError)) throw error;
    const code = interruption.exitCode();
    if (code === undefined) io.stderr.write(`lastcall prove: could not run: ${error.message}\n`);
    output.writeError(error);
    return code ?? EXIT.cannot;
  } finally {
    interruption.forget();
  }
}

const INTERRUPTIONS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** Ctrl-C ends the service and the load first; a second one leaves that to the load process. */
function watchInterruption(progress: Progress): {
  abort: AbortSignal;
  exitCode: () => number | undefined;
  forget: () => void;
} {
  const controller = new AbortController();
  let code: number | undefined;
  const take = (signal: NodeJS.Signals): void => {
    if (code !== undefined) {
      progress.clear();
      process.exit(code);
    }
    code = 128 + constants.signals[signal];
    controller.abort();
  };
  for (const signal of INTERRUPTIONS) process.on(signal, take);
  const forget = (): void => {
    for (const signal of INTERRUPTIONS) process.off(signal, take);
  };
  return { abort: controller.signal, exitCode: () => code, forget };
}
