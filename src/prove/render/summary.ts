import { formatCount } from "../facts/count.js";
import { formatDuration } from "../facts/duration.js";
import type { Finding } from "../facts/finding.js";
import type { Criterion, Loss, ProveResult } from "../facts/result.js";
import { listFaults } from "../judge/fault.js";
import { describeSeen } from "./seen.js";
import { describeGap } from "./text/gaps.js";

const WORDS = { pass: "✅ PASS", fail: "❌ FAIL", "could-not-run": "⚠️ NO VERDICT" } as const;

/** The result as Markdown for the summary of a job. */
export function renderSummary(result: ProveResult): string {
  const { verdict, subject, criteria, findings, losses, notes, trials, seed } = result;
  const gaps = trials.flatMap(({ rollout }) => rollout?.gaps ?? []);
  const parts = [
    `## ${WORDS[verdict]} · lastcall prove`,
    `<code>${escapeCell(subject)}</code> · ${formatCount(result.requests.planned)} requests · seed ${String(seed)}`,
    list(listFaults(result)),
    table(["", "Criterion", "Asked", "Measured"], criteria.map(toRow)),
    section("Findings", table(["", "Finding", "What", "Next"], findings.map(toFindingRow))),
    section("When requests failed", list(gaps.map(describeGap))),
    section("What was lost", table(LOSS_HEAD, losses.map(toLossRow))),
    list(notes),
  ];
  return `${parts.filter((part) => part !== "").join("\n\n")}\n\n`;
}

const LOSS_HEAD = ["The client saw", "Client", "Requests", "First"];

function section(heading: string, body: string): string {
  return body === "" ? "" : `### ${heading}\n\n${body}`;
}

function list(texts: readonly string[]): string {
  return texts.map((text) => `- ${escapeCell(text)}`).join("\n");
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
  if (rows.length === 0) return "";
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
