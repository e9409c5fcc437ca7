// render/: what was found as text, JSON, SARIF, JUnit and annotations: findings/ has the forms, this folder the words.
import type { Paint } from "../../findings/paint.js";
import { describeSource } from "../../findings/source.js";
import { wrap } from "../../findings/wrap.js";
import type { LintFinding } from "../rules/finding.js";

/** How a text looks. */
export interface Look {
  readonly paint: Paint;
  /** Undefined: lines are not broken. */
  readonly width: number | undefined;
}

const WIDTH = 100;

/** Findings for people: the place first, as editors and terminals follow it. A rule says why only once. */
export function renderFindings(findings: readonly LintFinding[], look: Look): string {
  const said = new Set<string>();
  return findings
    .map((finding) => {
      const isNew = !said.has(finding.id);
      said.add(finding.id);
      return renderFinding(finding, isNew, look);
    })
    .join("\n\n");
}

function renderFinding(finding: LintFinding, isNew: boolean, { paint, width }: Look): string {
  const { id, severity, what, cause, next, evidence, prove } = finding;
  const [first, ...related] = evidence;
  const source = first?.source ?? null;
  const place = source === null ? "" : `${describeSource(source)} `;
  const name = severity === "error" ? paint.bad(id) : paint.strong(id);
  return [
    `${place}${severity} ${name}`,
    wrap(`  ${what}`, width, 2),
    ...related.map((one) =>
      wrap(
        `    ${one.source === null ? "" : `${describeSource(one.source)} `}${one.what}`,
        width,
        6,
      ),
    ),
    ...(isNew ? [wrap(`  why: ${cause}`, width ?? WIDTH, 2)] : []),
    wrap(`  next: ${next}`, width ?? WIDTH, 2),
    ...(prove === null ? [] : [`  see it: ${prove}`]),
    ...(isNew ? [`  more: lastcall explain ${id}`] : []),
  ].join("\n");
}

/** `2 errors, 1 warning in 14 files`. */
export function renderSummary(
  findings: readonly LintFinding[],
  files: number,
  { paint }: Look,
): string {
  const count = (severity: LintFinding["severity"]): number =>
    findings.filter((one) => one.severity === severity).length;
  const [errors, warnings, infos] = [count("error"), count("warning"), count("info")];
  const parts = [
    ...(errors === 0 ? [] : [paint.bad(plural(errors, "error"))]),
    ...(warnings === 0 ? [] : [plural(warnings, "warning")]),
    ...(infos === 0 ? [] : [`${infos} for information`]),
  ];
  return `${parts.length === 0 ? paint.good("nothing found") : parts.join(", ")} in ${plural(files, "file")}`;
}

function plural(count: number, word: string): string {
  return `${count} ${word}${count === 1 ? "" : "s"}`;
}
