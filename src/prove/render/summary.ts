import { formatDuration } from "../duration.js";
import { listFaults } from "../fault.js";
import type { Finding } from "../findings/finding.js";
import { formatCount } from "../count.js";
import type { Criterion, Loss, ProveResult } from "../result.js";
import { describeSeen } from "./seen.js";

const WORDS = { pass: "✅ PASS", fail: "❌ FAIL", "could-not-run": "⚠️ NO VERDICT" } as const;

/** The result as Markdown for the summary of a job. */
export function renderSummary(result: ProveResult): string {
  const { verdict, subject, criteria, findings, losses, seed } = result;
  const faults = listFaults(result);
  const parts = [
    `## ${WORDS[verdict]} · lastcall prove`,
    `<code>${escapeCell(subject)}</code> · ${formatCount(result.requests.planned)} requests · seed ${String(seed)}`,
    faults.map((fault) => `- ${escapeCell(fault)}`).join("\n"),
    table(["", "Criterion", "Asked", "Measured"], criteria.map(toRow)),
    findings.length === 0
      ? ""
      : `### Findings\n\n${table(["", "Finding", "What", "Next"], findings.map(toFindingRow))}`,
    losses.length === 0
      ? ""
      : `### What was lost\n\n${table(["The client saw", "Client", "Requests", "First, from the signal"], losses.map(toLossRow))}`,
  ];
  return `${parts.filter((part) => part !== "").join("\n\n")}\n\n`;
}

/** The same for a run that gave no result. */
export function renderSummaryError(message: string): string {
  return `## ${WORDS["could-not-run"]} · lastcall prove\n\n${escapeCell(message)}\n\n`;
}

function toRow({ name, expected, measured, passed }: Criterion): string[] {
  return [passed === null ? "" : passed ? "✅" : "❌", name, expected, measured];
}

function toFindingRow({ id, severity, what, next }: Finding): string[] {
  return [severity === "error" ? "❌" : "⚠️", id, what, next];
}

function toLossRow({ outcome, kind, client, count, firstMs }: Loss): string[] {
  const seen = describeSeen(outcome, kind) ?? kind;
  return [seen, client, formatCount(count), formatDuration(firstMs)];
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  const rule = head.map(() => "---");
  return [line(head), line(rule), ...rows.map((cells) => line(cells.map(escapeCell)))].join("\n");
}

/** What came from a service is text: neither Markdown nor markup, and it ends no cell. */
function escapeCell(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(/[\\`*_[\]|~#]/g, String.raw`\$&`)
    .replaceAll(/\s+/g, " ");
}
