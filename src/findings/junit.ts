import type { Described } from "./catalogue.js";
import type { Evidence, Finding } from "./finding.js";

/** One test case: what was asked, and how it went. */
export interface Case {
  /** The last part of its class name. */
  readonly group: string;
  readonly name: string;
  readonly state: "passed" | "failed" | "error" | "skipped";
  readonly message: string;
  readonly type: string;
  readonly text: string;
}

/** One suite of cases. */
export interface Suite {
  /** `lastcall prove`; the class names begin with it too. */
  readonly tool: string;
  /** What was examined. */
  readonly name: string;
  readonly properties: Readonly<Record<string, string | number>>;
  readonly cases: readonly Case[];
  readonly startedAt: Date;
  readonly durationMs: number;
}

/** What a run found, and what it looked for. */
export interface Looked<E extends Evidence> {
  readonly findings: readonly Finding<E>[];
  /** Everything that can be found. */
  readonly catalogue: readonly Described[];
  /** Ids of what was looked for. */
  readonly checked: readonly string[];
  /** One line of it. */
  readonly describe: (evidence: E) => string;
}

/** One case for each finding that there can be: found, looked for, or not. */
export function listFindingCases<E extends Evidence>(looked: Looked<E>): Case[] {
  const { findings, catalogue, checked, describe } = looked;
  const known = new Set(catalogue.map(({ id }) => id));
  const cases = catalogue.map(({ id, title }) => {
    const finding = findings.find((one) => one.id === id);
    if (finding !== undefined) return toFindingCase(finding, describe);
    return toUnfoundCase(id, title, checked.includes(id));
  });
  const others = findings.filter(({ id }) => !known.has(id));
  return [...cases, ...others.map((finding) => toFindingCase(finding, describe))];
}

function toUnfoundCase(id: string, title: string, isChecked: boolean): Case {
  const state = isChecked ? "passed" : "skipped";
  const message = isChecked ? title : "not looked for: nothing that the run was asked for shows it";
  return { group: "findings", name: id, state, message, type: id, text: "" };
}

/** A warning does not fail the run, so it does not fail here: its text stands in the output. */
function toFindingCase<E extends Evidence>(
  finding: Finding<E>,
  describe: (evidence: E) => string,
): Case {
  const { id, severity, what, cause, next, evidence } = finding;
  const lines = [
    `${severity}: ${what}`,
    `why: ${cause}`,
    `next: ${next}`,
    `more: lastcall explain ${id}`,
    ...evidence.map(describe),
  ];
  const state = severity === "error" ? "failed" : "passed";
  return { group: "findings", name: id, state, message: what, type: id, text: lines.join("\n") };
}

/** Writes JUnit XML. */
export function writeJunit(suite: Suite): string {
  const { tool, name, properties, cases, startedAt, durationMs } = suite;
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
    `<testsuites${attributes({ name: tool })}${totals}>`,
    `  <testsuite${attributes({ name })}${totals}${attributes({ timestamp })}>`,
    "    <properties>",
    ...Object.entries(properties).map(
      ([key, value]) => `      <property${attributes({ name: key, value })}/>`,
    ),
    "    </properties>",
    ...cases.map((one) => renderCase(one, tool.replaceAll(" ", "."))),
    "  </testsuite>",
    "</testsuites>",
    "",
  ].join("\n");
}

function renderCase(one: Case, prefix: string): string {
  const { group, name, state, message, type, text } = one;
  const head = `    <testcase${attributes({ classname: `${prefix}.${group}`, name })}>`;
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
