import type { CannotRunError } from "../errors.js";
import { listTitles } from "../findings/checked.js";
import { listFaults } from "../fault.js";
import type { Finding } from "../findings/finding.js";
import type { Criterion, ProveResult } from "../result.js";
import { describeEvidence, nameCriterion } from "./words.js";

/** When the run was, which no result says. */
export interface RunTimes {
  readonly startedAt: Date;
  readonly durationMs: number;
}

/** One test case: what was asked, and how it went. */
interface Case {
  readonly group: "criteria" | "findings" | "run";
  readonly name: string;
  readonly state: "passed" | "failed" | "error" | "skipped";
  readonly message: string;
  readonly type: string;
  readonly text: string;
}

/**
 * Writes the result as JUnit XML: one suite, a case per criterion and one per finding that was
 * looked for. Failures of the prover itself are errors, and what has no verdict then is skipped.
 */
export function renderJunit(result: ProveResult, times: RunTimes): string {
  const { subject, seed, graceMs, rttMs, lagMs, verdict, requests, trials } = result;
  const properties = { verdict, seed, graceMs, rttMs, lagMs, trials: trials.length, ...requests };
  return renderSuite(subject, properties, listCases(result), times);
}

/** The same for a run that gave no result: one case, an error. */
export function renderJunitError(
  subject: string,
  { code, message }: Pick<CannotRunError, "code" | "message">,
  times: RunTimes,
): string {
  const name = "could not run";
  const failed: Case = { group: "run", name, state: "error", message, type: code, text: message };
  return renderSuite(subject, { verdict: "could-not-run" }, [failed], times);
}

function listCases(result: ProveResult): Case[] {
  const faults = listFaults(result);
  const cases = [...result.criteria.map(toCase), ...listFindingCases(result)];
  if (faults.length === 0) return cases;
  const message = faults[0] ?? "";
  const type = "prover";
  const text = faults.join("\n");
  const name = "the prover itself";
  const failed: Case = { group: "run", name, state: "error", message, type, text };
  const why = "no verdict: the prover failed";
  return [failed, ...cases.map((one): Case => ({ ...one, state: "skipped", message: why }))];
}

function toCase(criterion: Criterion): Case {
  const { measured, passed } = criterion;
  const state = passed === false ? "failed" : "passed";
  const name = nameCriterion(criterion);
  return { group: "criteria", name, state, message: measured, type: "criterion", text: measured };
}

/** One for each finding that there can be: found, looked for, or not. */
function listFindingCases({ findings, checked }: ProveResult): Case[] {
  const found = new Map(findings.map((finding) => [finding.id, finding]));
  const looked = [...listTitles()].map(([id, title]) => {
    const finding = found.get(id);
    found.delete(id);
    return finding === undefined
      ? toUnfoundCase(id, title, checked.includes(id))
      : toFindingCase(finding);
  });
  return [...looked, ...[...found.values()].map(toFindingCase)];
}

function toUnfoundCase(id: string, title: string, isChecked: boolean): Case {
  const state = isChecked ? "passed" : "skipped";
  const message = isChecked ? title : "not looked for: nothing that the run was asked for shows it";
  return { group: "findings", name: id, state, message, type: id, text: "" };
}

/** A warning does not fail the run, so it does not fail here: its text stands in the output. */
function toFindingCase(finding: Finding): Case {
  const { id, severity, what, cause, next, page, evidence } = finding;
  const lines = [
    `${severity}: ${what}`,
    `why: ${cause}`,
    `next: ${next}`,
    `more: docs/${page}`,
    ...evidence.map(describeEvidence),
  ];
  const state = severity === "error" ? "failed" : "passed";
  return { group: "findings", name: id, state, message: what, type: id, text: lines.join("\n") };
}

function renderSuite(
  name: string,
  properties: Readonly<Record<string, string | number>>,
  cases: readonly Case[],
  { startedAt, durationMs }: RunTimes,
): string {
  const count = (state: Case["state"]): number => cases.filter((one) => one.state === state).length;
  const totals = attributes({
    tests: cases.length,
    failures: count("failed"),
    errors: count("error"),
    skipped: count("skipped"),
    time: (durationMs / 1_000).toFixed(3),
  });
  const timestamp = startedAt.toISOString().slice(0, 19);
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites${attributes({ name: "lastcall prove" })}${totals}>`,
    `  <testsuite${attributes({ name })}${totals}${attributes({ timestamp })}>`,
    "    <properties>",
    ...Object.entries(properties).map(
      ([key, value]) => `      <property${attributes({ name: key, value })}/>`,
    ),
    "    </properties>",
    ...cases.map(renderCase),
    "  </testsuite>",
    "</testsuites>",
    "",
  ].join("\n");
}

function renderCase(one: Case): string {
  const { group, name, state, message, type, text } = one;
  const head = `    <testcase${attributes({ classname: `lastcall.prove.${group}`, name })}>`;
  const tail = "</testcase>";
  if (state === "passed") {
    const output = text === "" ? "" : `<system-out>${escapeText(text)}</system-out>`;
    return `${head}${output}${tail}`;
  }
  if (state === "skipped") {
    return `${head}<skipped${attributes({ message })}/>${tail}`;
  }
  const element = state === "failed" ? "failure" : "error";
  return `${head}<${element}${attributes({ message, type })}>${escapeText(text)}</${element}>${tail}`;
}

function attributes(values: Readonly<Record<string, string | number>>): string {
  return Object.entries(values)
    .map(([name, value]) => ` ${name}="${escapeAttribute(String(value))}"`)
    .join("");
}

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
};

/** A parser turns white space inside an attribute into spaces, unless it is written as a number. */
function escapeAttribute(text: string): string {
  return escapeText(text).replaceAll(/["\t\n\r]/g, (char) =>
    char === '"' ? "&quot;" : `&#${String(char.charCodeAt(0))};`,
  );
}

/** What XML 1.0 §2.2 does not allow, not even as a number, becomes U+FFFD. */
function escapeText(text: string): string {
  return text
    .replaceAll(FORBIDDEN, "\uFFFD")
    .replaceAll(/[&<>]/g, (char) => ENTITIES[char] ?? char)
    .replaceAll("\r", "&#13;");
}

// eslint-disable-next-line no-control-regex
const FORBIDDEN = /[\u0000-\u0008\u000B\u000C\u000E-\u001F\uFFFE\uFFFF]|\p{Surrogate}/gu;
