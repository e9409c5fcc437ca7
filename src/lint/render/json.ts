import type { LintFinding } from "../rules/finding.js";

/** What a run of lint comes to, for programs. */
export interface Outcome {
  readonly examined: {
    readonly findings: readonly LintFinding[];
    readonly ignored: readonly { readonly finding: LintFinding; readonly reason: string }[];
  };
  readonly files: number;
  readonly skipped: readonly { readonly file: string; readonly why: string }[];
}

/** `docs/lint-result.schema.json` describes it. */
export function renderJson({ examined, files, skipped }: Outcome, version: string): string {
  const { findings, ignored } = examined;
  const count = (severity: LintFinding["severity"]): number =>
    findings.filter((one) => one.severity === severity).length;
  const result = {
    schemaVersion: 1,
    tool: "lastcall lint",
    version,
    verdict: count("error") > 0 ? "fail" : "pass",
    counts: { errors: count("error"), warnings: count("warning"), infos: count("info") },
    files,
    findings: findings.map(toPlain),
    ignored: ignored.map(({ finding, reason }) => ({ ...toPlain(finding), reason })),
    skipped,
  };
  return `${JSON.stringify(result, null, 2)}\n`;
}

/** An edit as offsets: `start` and `end` in UTF-16 units, without a byte order mark. */
function toPlain({ edit, ...rest }: LintFinding): object {
  const plain =
    edit === null
      ? null
      : { file: edit.spot.file, start: edit.spot.start, end: edit.spot.end, text: edit.text };
  return { ...rest, edit: plain };
}
