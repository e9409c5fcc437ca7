import { listFaults } from "../fault.js";
import type { Finding, SourceLocation } from "../findings/finding.js";
import type { Criterion, ProveResult } from "../result.js";
import { nameCriterion } from "./words.js";

// GitHub shows ten of each kind for one step.
const SOURCES_PER_FINDING = 10;

/**
 * Workflow commands that GitHub shows beside the code: one per finding, at each line of source that
 * its evidence names. Without a finding, one per criterion that did not hold.
 */
export function renderAnnotations(
  result: ProveResult,
  relativePath: (file: string) => string,
): string {
  const { verdict, findings, criteria } = result;
  if (verdict === "could-not-run") {
    return annotateError(`no verdict: ${listFaults(result)[0] ?? "the prover failed"}`);
  }
  const failed = findings.some(({ severity }) => severity === "error")
    ? []
    : criteria.filter(({ passed }) => passed === false);
  return [...failed.map(annotateCriterion), ...findings.flatMap(annotateFinding(relativePath))]
    .map((line) => `${line}\n`)
    .join("");
}

/** The same for a run that gave no result. */
export function annotateError(message: string): string {
  return `${command("error", { title: "lastcall prove" }, message)}\n`;
}

function annotateCriterion(criterion: Criterion): string {
  const text = `${nameCriterion(criterion)}: ${criterion.measured}`;
  return command("error", { title: "lastcall prove" }, text);
}

function annotateFinding(relativePath: (file: string) => string): (finding: Finding) => string[] {
  return ({ id, severity, what, next, evidence }) => {
    const title = `lastcall prove: ${id}`;
    const text = `${what}\n${next}`;
    const sources = distinct(evidence.flatMap(({ source }) => (source === null ? [] : [source])));
    if (sources.length === 0) return [command(severity, { title }, text)];
    return sources.map(({ file, line, column }) =>
      command(severity, { file: relativePath(file), line, col: column, title }, text),
    );
  };
}

function distinct(sources: readonly SourceLocation[]): SourceLocation[] {
  const seen = new Map(sources.map((source) => [`${source.file}:${String(source.line)}`, source]));
  return [...seen.values()].slice(0, SOURCES_PER_FINDING);
}

/** Escaped as @actions/core does it. */
function command(
  name: string,
  properties: Readonly<Record<string, string | number>>,
  text: string,
): string {
  const list = Object.entries(properties).map(
    ([key, value]) =>
      `${key}=${escapeData(String(value)).replaceAll(":", "%3A").replaceAll(",", "%2C")}`,
  );
  return `::${name} ${list.join(",")}::${escapeData(text)}`;
}

function escapeData(text: string): string {
  return text.replaceAll("%", "%25").replaceAll("\r", "%0D").replaceAll("\n", "%0A");
}
