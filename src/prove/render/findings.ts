import type { Evidence, Finding } from "../findings/finding.js";
import type { Paint } from "./paint.js";
import { describeSource } from "./words.js";

const SHOWN = 3;
const WIDTH = 100;

/** Writes the findings for people: what was seen, why, what to do, and the first of the evidence. */
export function renderFindings(findings: readonly Finding[], paint: Paint): string {
  return findings.map((finding) => renderFinding(finding, paint)).join("\n\n");
}

function renderFinding(finding: Finding, paint: Paint): string {
  const { id, severity, what, cause, next, page, evidence } = finding;
  const name = severity === "error" ? paint.bad(id) : paint.strong(id);
  const shown = evidence.slice(0, SHOWN).map((item) => `    · ${locate(item)}`);
  const left = evidence.length - shown.length;
  return [
    `${severity} ${name}: ${what}`,
    ...shown,
    ...(left > 0 ? [paint.faint(`    … and ${String(left)} more`)] : []),
    ...wrap(`why: ${cause}`),
    ...wrap(`next: ${next}`),
    `  page: docs/${page}`,
  ].join("\n");
}

function locate({ what, source }: Evidence): string {
  return source === null ? what : `${what} (${describeSource(source)})`;
}

/** Lines of at most 100 characters, indented by two. */
function wrap(text: string): string[] {
  const lines: string[] = [];
  let line = " ";
  for (const word of text.split(" ")) {
    if (line.length + 1 + word.length > WIDTH && line.trim() !== "") {
      lines.push(line);
      line = " ";
    }
    line += ` ${word}`;
  }
  return [...lines, line];
}
