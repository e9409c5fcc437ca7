import type { Finding } from "./finding.js";
import { listSources, type NameFile } from "./source.js";

// GitHub shows ten of each kind for one step.
const SOURCES_PER_FINDING = 10;

/**
 * Workflow commands that GitHub shows beside the code, a line each: one per finding, at each line of source
 * that its evidence names. `tool` is what their titles begin with.
 */
export function annotateFindings(
  findings: readonly Finding[],
  tool: string,
  nameFile: NameFile,
): string {
  return findings.map((finding) => annotateFinding(finding, tool, nameFile)).join("");
}

/** The same of what is no finding. */
export function annotateError(message: string, tool: string): string {
  return writeCommand("error", { title: tool }, message);
}

function annotateFinding(finding: Finding, tool: string, nameFile: NameFile): string {
  const { id, severity, what, next, evidence } = finding;
  const title = `${tool}: ${id}`;
  const text = `${what}\n${next}`;
  const level = severity === "info" ? "notice" : severity;
  const sources = listSources(evidence).slice(0, SOURCES_PER_FINDING);
  if (sources.length === 0) return writeCommand(level, { title }, text);
  return sources
    .map(({ file, line, column }) =>
      writeCommand(level, { file: nameFile(file), line, col: column, title }, text),
    )
    .join("");
}

/** Escaped as @actions/core does it. */
function writeCommand(
  name: string,
  properties: Readonly<Record<string, string | number>>,
  text: string,
): string {
  const list = Object.entries(properties).map(
    ([key, value]) =>
      `${key}=${escapeData(String(value)).replaceAll(":", "%3A").replaceAll(",", "%2C")}`,
  );
  return `::${name} ${list.join(",")}::${escapeData(text)}\n`;
}

function escapeData(text: string): string {
  return text.replaceAll("%", "%25").replaceAll("\r", "%0D").replaceAll("\n", "%0A");
}
