// lint/: `lastcall lint`: words to files, what was found to outputs.
import { createPaint } from "../../findings/paint.js";
import { drawTimelines, examine, planTimelines, type Examined } from "../../lint/index.js";
import { readArguments, type Arguments } from "../arguments.js";
import { hasColor, type Io } from "../io.js";
import { EXIT, UsageError } from "../usage.js";
import { writeHelp } from "./help.js";
import { openProject, type Opened } from "./open-project.js";
import { openOutputs } from "./outputs.js";
import { LINT_OPTIONS } from "./table.js";
import { writeFixes } from "./write-fixes.js";

/** `lastcall lint`. Returns the exit code. Throws UsageError. */
export async function runLint(args: readonly string[], io: Io): Promise<number> {
  const given = readArguments(args, LINT_OPTIONS, { takesWords: true });
  const { options, words } = given;
  if (options.has("--help")) {
    io.stdout.write(writeHelp());
    return EXIT.clean;
  }
  refuseClashes(given);
  const startedAt = new Date();
  const begunAt = performance.now();
  const outputs = await openOutputs(given, io);
  const opened = openProject(words, options.get("--app")?.[0]);
  if (opened.project.files.length === 0) {
    const what = words.includes("-") ? "no manifest in the standard input" : "no file to examine";
    io.stderr.write(`lastcall lint: could not run: there is ${what}\n`);
    return EXIT.cannot;
  }
  const examined = examineAndFix(given, opened, io);
  if (options.has("--timeline")) writeTimelines(examined, io);
  const durationMs = performance.now() - begunAt;
  const subject = words.length === 0 ? "." : words.join(" ");
  const files = opened.project.files.length;
  await outputs.write({ examined, files, skipped: opened.skipped, subject, startedAt, durationMs });
  return isFailed(examined, options.has("--strict")) ? EXIT.found : EXIT.clean;
}

function refuseClashes({ options, words, rest }: Arguments): void {
  if (rest !== undefined) throw new UsageError("Expected paths, got `--`: nothing is run");
  if (options.has("--dry-run") && !options.has("--fix")) {
    throw new UsageError("Expected `--fix` with `--dry-run`, got it alone");
  }
  const isWritten = options.has("--fix") && !options.has("--dry-run");
  if (isWritten && words.includes("-")) {
    throw new UsageError(
      "Expected files to fix, got the standard input: `--dry-run` shows the edits",
    );
  }
  for (const name of ["--fix", "--timeline"]) {
    if (options.has(name) && options.has("--json")) {
      throw new UsageError(
        `Expected \`${name}\` or \`--json\`, got both: each prints to the standard output`,
      );
    }
  }
}

/** After a fix what is left is what the files say then. */
function examineAndFix({ options, words }: Arguments, opened: Opened, io: Io): Examined {
  const app = opened.app;
  const examined = examine(opened.project, app);
  if (!options.has("--fix")) return examined;
  const isDry = options.has("--dry-run");
  const count = writeFixes(opened, examined.findings, isDry, io);
  io.stdout.write(
    `${isDry ? "would make" : "made"} ${count} ${count === 1 ? "edit" : "edits"}\n\n`,
  );
  return isDry || count === 0
    ? examined
    : examine(openProject(words, options.get("--app")?.[0]).project, app);
}

const WIDEST = 120;

function writeTimelines({ deployment }: Examined, { stdout }: Io): void {
  const timelines = planTimelines(deployment);
  const width = Math.min(stdout.columns ?? 100, WIDEST);
  const drawn = drawTimelines(timelines, width, createPaint(hasColor(stdout)));
  stdout.write(
    timelines.length === 0 ? "no workload whose platform's time is known\n\n" : `${drawn}\n\n`,
  );
}

function isFailed({ findings }: Examined, isStrict: boolean): boolean {
  return findings.some(
    ({ severity }) => severity === "error" || (isStrict && severity === "warning"),
  );
}
