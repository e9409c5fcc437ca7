import type { Evidence, Finding } from "../findings/finding.js";
import type { Paint } from "./paint.js";
import { describeSource } from "./words.js";
import { wrap } from "./wrap.js";

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

/** The same in a line or two each: what was seen, and the page that says the rest. */
export function renderFindingsBriefly(
  findings: readonly Finding[],
  paint: Paint,
  width: number | undefined,
): string {
  return findings
    .map((finding) => `${renderTitle(finding, paint, width)}\n    docs/${finding.page}`)
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
  const { cause, next, page, evidence } = finding;
  const left = evidence.length - SHOWN;
  return [
    renderTitle(finding, paint, width),
    ...evidence.slice(0, SHOWN).map((item) => renderEvidence(item, width)),
    ...(left > 0 ? [paint.faint(`    … and ${String(left)} more`)] : []),
    wrap(`  why: ${cause}`, width ?? WIDTH, 2),
    wrap(`  next: ${next}`, width ?? WIDTH, 2),
    `  page: docs/${page}`,
  ].join("\n");
}

function renderEvidence({ what, source }: Evidence, width: number | undefined): string {
  const line = wrap(`    · ${what}`, width, 6);
  return source === null ? line : `${line}\n      at ${describeSource(source)}`;
}
