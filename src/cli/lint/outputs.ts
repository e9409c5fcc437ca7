import { annotateFindings } from "../../findings/github.js";
import { createPaint } from "../../findings/paint.js";
import { writeSarif } from "../../findings/sarif.js";
import {
  CATALOGUE,
  renderFindings,
  renderJson,
  renderJunit,
  renderSummary,
  type Examined,
  type LintFinding,
  type Skipped,
} from "../../lint/index.js";
import type { Arguments } from "../arguments.js";
import { hasColor, type Io } from "../io.js";
import { nameFile } from "../name-file.js";
import { openFile, type OutputFile } from "../open-file.js";
import { refuseSameFile } from "../same-file.js";
import { readVersion } from "../version.js";

const TOOL = "lastcall lint";

/** What was done, for those who read of it. */
interface Done {
  readonly examined: Examined;
  readonly files: number;
  readonly skipped: readonly Skipped[];
  readonly subject: string;
  readonly startedAt: Date;
  readonly durationMs: number;
}

/** Files that options name, opened before anything is examined. */
export interface Outputs {
  readonly write: (done: Done) => Promise<void>;
}

/** Throws UsageError for a file that cannot be written, or that two of them name. */
export async function openOutputs({ options }: Arguments, io: Io): Promise<Outputs> {
  refuseSameFile(["--sarif", "--junit"], options);
  const sarif = await openNamed("--sarif", options);
  const junit = await openNamed("--junit", options);
  return {
    write: async (done) => {
      const { findings } = done.examined;
      if (options.has("--json")) io.stdout.write(renderJson(done, readVersion()));
      else writeText(done, io);
      if (process.env["GITHUB_ACTIONS"] === "true") {
        const stream = options.has("--json") ? io.stderr : io.stdout;
        stream.write(annotateFindings(findings.map(toAnnotated), TOOL, nameFile));
      }
      const run = {
        tool: TOOL,
        version: readVersion(),
        findings,
        catalogue: CATALOGUE,
        faults: [],
      };
      sarif?.write(writeSarif(run, nameFile));
      junit?.write(renderJunit(findings, CATALOGUE, done.subject, done));
      await Promise.all([sarif?.close(), junit?.close()]);
    },
  };
}

async function openNamed(
  name: string,
  options: Arguments["options"],
): Promise<OutputFile | undefined> {
  const file = options.get(name)?.[0];
  return file === undefined ? undefined : openFile(name, file);
}

function writeText({ examined, files, skipped }: Done, { stdout }: Io): void {
  const look = { paint: createPaint(hasColor(stdout)), width: stdout.columns };
  const { findings, deployment } = examined;
  const isNothing = deployment.workloads.length === 0 && deployment.balancers.length === 0;
  if (findings.length > 0) stdout.write(`${renderFindings(findings, look)}\n\n`);
  for (const { file, why } of skipped) stdout.write(`not examined: ${file}: ${why}\n`);
  // A wrong path would look like a clean run.
  const note = isNothing ? ": no workload and no proxy among them" : "";
  stdout.write(`${renderSummary(findings, files, look)}${note}\n`);
}

/** GitHub shows it at the value to change; its partners stand in the text. */
function toAnnotated(finding: LintFinding): LintFinding {
  return { ...finding, evidence: finding.evidence.slice(0, 1) };
}
