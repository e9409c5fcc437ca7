// lint/: `lastcall lint`: words to files, what was found to outputs.
import { examine, type Examined } from "../../lint/index.js";
import { readArguments } from "../arguments.js";
import type { Io } from "../io.js";
import { EXIT, UsageError } from "../usage.js";
import { writeHelp } from "./help.js";
import { openProject } from "./open-project.js";
import { openOutputs } from "./outputs.js";
import { LINT_OPTIONS } from "./table.js";

/** `lastcall lint`. Returns the exit code. Throws UsageError. */
export async function runLint(args: readonly string[], io: Io): Promise<number> {
  const given = readArguments(args, LINT_OPTIONS, { takesWords: true });
  const { options, words } = given;
  if (options.has("--help")) {
    io.stdout.write(writeHelp());
    return EXIT.clean;
  }
  if (given.rest !== undefined) throw new UsageError("Expected paths, got `--`: nothing is run");
  const startedAt = new Date();
  const begunAt = performance.now();
  const outputs = await openOutputs(given, io);
  const { project, skipped } = openProject(words);
  if (project.files.length === 0) {
    io.stderr.write("lastcall lint: could not run: there is no file to examine\n");
    return EXIT.cannot;
  }
  const examined = examine(project, options.get("--app")?.[0] ?? null);
  const durationMs = performance.now() - begunAt;
  const subject = words.length === 0 ? "." : words.join(" ");
  const files = project.files.length;
  await outputs.write({ examined, files, skipped, subject, startedAt, durationMs });
  return isFailed(examined, options.has("--strict")) ? EXIT.found : EXIT.clean;
}

function isFailed({ findings }: Examined, isStrict: boolean): boolean {
  return findings.some(
    ({ severity }) => severity === "error" || (isStrict && severity === "warning"),
  );
}
