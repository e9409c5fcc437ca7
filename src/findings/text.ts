import type { Evidence, Finding } from "./finding.js";
import type { Paint } from "./paint.js";
import { wrap } from "./wrap.js";
import { describeSource } from "./source.js";

const SHOWN = 3;
const WIDTH = 100;

/** Writes the findings for people: what was seen, why, what to do, and the first of the evidence. */
export function renderFindings(
  findings: readonly Finding[],
  paint: Paint,
  width: number | undefined,
): string {
  return findings.map((finding) => renderFinding(finding, paint, width)).join("\n\n");
}

/** The same in a line or two each: what was seen, and the command that says the rest. */
export function renderFindingsBriefly(
  findings: readonly Finding[],
  paint: Paint,
  width: number | undefined,
): string {
  return findings
    .map((finding) => `${renderTitle(finding, paint, width)}\n    lastcall explain ${finding.id}`)
    .join("\n");
}

function renderTitle(
  { id, severity, what }: Finding,
  paint: Paint,
  width: number | undefined,
): string {
  const name = severity === "error" ? paint.bad(id) : paint.strong(id);
  return wrap(`${severity} ${id}: ${what}`, width, 4).replace(id, name);
}

function renderFinding(finding: Finding, paint: Paint, width: number | undefined): string {
  const { id, cause, next, evidence } = finding;
  const left = evidence.length - SHOWN;
  return [
    renderTitle(finding, paint, width),
    ...evidence.slice(0, SHOWN).map((item) => renderEvidence(item, width)),
    ...(left > 0 ? [paint.faint(`    … and ${String(left)} more`)] : []),
    wrap(`  why: ${cause}`, width ?? WIDTH, 2),
    wrap(`  next: ${next}`, width ?? WIDTH, 2),
    `  more: lastcall explain ${id}`,
  ].join("\n");
}

function renderEvidence({ what, source }: Evidence, width: number | undefined): string {
  const line = wrap(`    · ${what}`, width, 6);
  return source === null ? line : `${line}\n      at ${describeSource(source)}`;
}
