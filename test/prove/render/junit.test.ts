import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { test } from "node:test";
import { renderJunit, renderJunitError } from "#src/prove/render/junit.js";
import { NASTY, sampleFinding, sampleResult, sampleTrial } from "../facts/sample-result.js";

const TIMES = { startedAt: new Date("2026-01-02T03:04:05.678Z"), durationMs: 4_321 };
const READABLE = NASTY.replaceAll("\u001B", "\uFFFD");

// Its types do not stand up to this compiler.
const require = createRequire(import.meta.url);
const { SaxesParser } = require("saxes") as {
  readonly SaxesParser: new () => XmlParser;
};

interface XmlParser {
  on(event: "error", listener: (error: Error) => void): void;
  on(event: "opentag", listener: (tag: Pick<Parsed, "name" | "attributes">) => void): void;
  on(event: "text", listener: (text: string) => void): void;
  on(event: "closetag", listener: () => void): void;
  write(text: string): this;
  close(): void;
}

interface Parsed {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: Parsed[];
  text: string;
}

/** Reads XML as strictly as its standard does: what is not well-formed throws. */
function parse(xml: string): Parsed {
  const top: Parsed = { name: "", attributes: {}, children: [], text: "" };
  const open: Parsed[] = [top];
  const parser = new SaxesParser();
  parser.on("error", (error) => {
    throw error;
  });
  parser.on("opentag", ({ name, attributes }) => {
    const element: Parsed = { name, attributes, children: [], text: "" };
    open.at(-1)?.children.push(element);
    open.push(element);
  });
  parser.on("text", (text) => {
    const element = open.at(-1);
    if (element !== undefined) element.text += text;
  });
  parser.on("closetag", () => open.pop());
  parser.write(xml).close();
  return top;
}

function suiteOf(xml: string): Parsed {
  const suite = parse(xml).children[0]?.children[0];
  assert.equal(suite?.name, "testsuite");
  return suite;
}

function casesOf(suite: Parsed): [name: string, state: string][] {
  return suite.children
    .filter(({ name }) => name === "testcase")
    .map(({ attributes, children }) => [
      `${attributes["classname"] ?? ""} ${attributes["name"] ?? ""}`,
      children[0]?.name ?? "passed",
    ]);
}

function findCase(suite: Parsed, name: string): Parsed {
  const found = suite.children.find(({ attributes }) => attributes["name"] === name);
  assert.ok(found !== undefined, `there is no case ${name}`);
  return found;
}

test("junit: a case per criterion and per finding; warnings and measured values pass", () => {
  const suite = suiteOf(renderJunit(sampleResult(), TIMES));
  const cases = casesOf(suite);
  assert.deepEqual(cases.slice(0, 4), [
    ["lastcall.prove.criteria dropped requests == 0", "failure"],
    ["lastcall.prove.criteria exit code == 0", "failure"],
    ["lastcall.prove.criteria time from signal to exit < grace 30 s", "system-out"],
    ["lastcall.prove.criteria time from last response byte to exit", "system-out"],
  ]);
  const findings = new Map(cases.slice(4));
  assert.equal(findings.get("lastcall.prove.findings inflight/cut"), "failure");
  assert.equal(findings.get("lastcall.prove.findings exit/late"), "system-out");
  const { tests, failures, errors, time, timestamp } = suite.attributes;
  assert.deepEqual(
    [tests, failures, errors, time, timestamp],
    [String(cases.length), "3", "0", "4.321", "2026-01-02T03:04:05"],
  );
  assert.equal(findings.get("lastcall.prove.findings exit/at-once"), "passed");
});

test("junit: what was not looked for is skipped, with the reason", () => {
  const none = suiteOf(renderJunit(sampleResult(), TIMES));
  const skipped = findCase(none, "websocket/abnormal-close").children[0];
  assert.equal(skipped?.name, "skipped");
  assert.match(skipped.attributes["message"] ?? "", /^not looked for/);
  assert.equal(none.attributes["skipped"], String(countSkipped(none)));
  const checked = [...sampleResult().checked, "websocket/abnormal-close"];
  const looked = suiteOf(renderJunit(sampleResult({ checked }), TIMES));
  assert.deepEqual(findCase(looked, "websocket/abnormal-close").children, []);
});

function countSkipped(suite: Parsed): number {
  return casesOf(suite).filter(([, state]) => state === "skipped").length;
}

test("junit: what came from a service is text, whatever it is", () => {
  const suite = suiteOf(renderJunit(sampleResult(), TIMES));
  assert.equal(suite.attributes["name"], `node ${READABLE}`);
  const failure = findCase(suite, "exit code == 0").children[0];
  assert.equal(failure?.attributes["message"], `137 (SIGKILL; kept open by: GET /${READABLE})`);
  assert.equal(failure?.text, `137 (SIGKILL; kept open by: GET /${READABLE})`);
});

test("junit: a failed finding has its reason, its next step and its evidence with source lines", () => {
  const failure = findCase(suiteOf(renderJunit(sampleResult(), TIMES)), "inflight/cut").children[0];
  assert.equal(failure?.attributes["message"], "2 requests in progress at the signal were cut");
  assert.deepEqual(failure?.text.split("\n").slice(0, 4), [
    "error: 2 requests in progress at the signal were cut",
    "why: The process left before it had answered them.",
    "next: Wait for them before you exit.",
    "more: lastcall explain inflight/cut",
  ]);
  assert.match(
    failure?.text ?? "",
    /^\+12 ms {2}GET .*\n.*\(slow\) was reset \(src\/server\.ts:42:7 in stop\)$/m,
  );
});

test("junit: every character that XML does not allow is replaced, and the others are kept", () => {
  const kept = "\t\n\r é € 😀 \uFFFD";
  const lost = "\u0000\u0008\u000B\u001F\uFFFE\uFFFF\uD800";
  const finding = sampleFinding({ what: kept + lost });
  const suite = suiteOf(renderJunit(sampleResult({ findings: [finding] }), TIMES));
  const failure = findCase(suite, "inflight/cut").children[0];
  assert.equal(failure?.attributes["message"], kept + "\uFFFD".repeat(7));
  assert.ok(failure?.text.includes(kept + "\uFFFD".repeat(7)));
});

test("junit: (control: the parser refuses what would not be escaped)", () => {
  assert.throws(() => parse("<a>\u0008</a>"), /disallowed character/);
  assert.throws(() => parse('<a b="<"/>'), /disallowed character/);
  assert.throws(() => parse("<a>& b;</a>"), /entity|disallowed/i);
});

test("junit: properties say how to repeat the run", () => {
  const properties = findProperties(suiteOf(renderJunit(sampleResult(), TIMES)));
  assert.equal(properties.get("seed"), "7");
  assert.equal(properties.get("graceMs"), "30000");
  assert.equal(properties.get("dropped"), "2");
});

function findProperties(suite: Parsed): Map<string, string> {
  const list = suite.children.find(({ name }) => name === "properties")?.children ?? [];
  return new Map(
    list.map(({ attributes }) => [attributes["name"] ?? "", attributes["value"] ?? ""]),
  );
}

test("junit: without a verdict the prover is the error, and nothing else has failed", () => {
  const trials = [sampleTrial({ verdict: "could-not-run", faults: ["EMFILE", "no ports"] })];
  const xml = renderJunit(sampleResult({ verdict: "could-not-run", trials }), TIMES);
  const suite = suiteOf(xml);
  const states = casesOf(suite).map(([, state]) => state);
  assert.equal(states[0], "error");
  assert.ok(states.slice(1).every((state) => state === "skipped"));
  assert.equal(findCase(suite, "the prover itself").children[0]?.text, "EMFILE\nno ports");
});

test("junit: a run without a result is one error, with its code", () => {
  const error = { code: "PROVE_CANNOT_START", message: `no such <command> ${NASTY}` } as const;
  const suite = suiteOf(renderJunitError("x", error, TIMES));
  assert.deepEqual(casesOf(suite), [["lastcall.prove.run could not run", "error"]]);
  assert.equal(suite.attributes["errors"], "1");
  const failed = findCase(suite, "could not run").children[0];
  assert.equal(failed?.attributes["type"], "PROVE_CANNOT_START");
  assert.equal(failed?.text, `no such <command> ${READABLE}`);
});
