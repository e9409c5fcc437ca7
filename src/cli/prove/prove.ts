// prove/: `lastcall prove`: words to options, the run, and where the result goes.
import { constants } from "node:os";
import { CannotRunError, prove, type ProveOptions } from "../../prove/index.js";
import { describeSubject } from "../../prove/options/pointing.js";
import { readArguments } from "../arguments.js";
import type { Io } from "../io.js";
import { EXIT, UsageError } from "../usage.js";
import { runCompare } from "./compare.js";
import { sayForetold } from "./foretold.js";
import { writeHelp } from "./help.js";
import { openOutputs } from "./outputs/open-outputs.js";
import type { Output } from "./outputs/output.js";
import { createProgress, type Progress } from "./progress.js";
import { readOptions } from "./read-options.js";
import { readTraffic } from "./read-traffic.js";
import { CLI_OPTIONS } from "./table.js";

const NOTHING = `Expected what to prove, got nothing. Give the command that starts the service, after \`--\`, or what runs already:

  lastcall prove -- node server.js
  lastcall prove --pid 4711
  lastcall prove --url https://staging.example --during 'kubectl rollout restart deploy/api'

\`lastcall prove --help\` has all options.`;

const UNHEARD =
  "`--output` has nothing that the service writes: what was not started here writes elsewhere";

/** `lastcall prove`. Returns the exit code. Throws UsageError. */
export async function runProve(args: readonly string[], io: Io): Promise<number> {
  if (args.length === 0) throw new UsageError(NOTHING);
  // It takes two words, and nothing but --json goes with it.
  if (listOwn(args).includes("--compare")) return runCompare(args, io);
  const given = readArguments(args, CLI_OPTIONS);
  if (given.options.has("--help")) {
    io.stdout.write(writeHelp());
    return EXIT.clean;
  }
  const note = (text: string): boolean => io.stderr.write(`lastcall prove: ${text}\n`);
  const options = await readTraffic(readOptions(given), note);
  if (given.options.has("--output") && options.command === undefined) note(UNHEARD);
  const output = await openOutputs(given, describeSubject(options), io);
  try {
    return await runUnlessInterrupted(options, output, io);
  } finally {
    await output.close?.();
  }
}

/** Without the service's command. */
function listOwn(args: readonly string[]): readonly string[] {
  const split = args.indexOf("--");
  return split === -1 ? args : args.slice(0, split);
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
      onOutput: (line) => output.onOutput?.(line),
    });
    progress.clear();
    output.writeResult(result);
    if (result.verdict === "fail") await sayForetold(result, io);
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
