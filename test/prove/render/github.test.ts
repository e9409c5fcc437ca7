import assert from "node:assert/strict";
import { test } from "node:test";
import { renderAnnotation, renderAnnotations } from "#src/prove/render/github.js";
import { renderSummary } from "#src/prove/render/summary.js";
import { sampleFinding, sampleResult, sampleTrial } from "../facts/sample-result.js";

const same = (file: string): string => file;

test("annotations: one per finding, at the line of its source, else without a file", () => {
  const text = renderAnnotations(sampleResult(), (file) => `app/${file}`);
  assert.equal(
    text,
    [
      "::error file=app/src/server.ts,line=42,col=7,title=lastcall prove%3A inflight/cut::2 requests in progress at the signal were cut%0AWait for them before you exit.",
      "::warning title=lastcall prove%3A exit/late::2 requests in progress at the signal were cut%0AWait for them before you exit.",
      "",
    ].join("\n"),
  );
});

test("annotations: escaped by GitHub's rules, in properties and in the text", () => {
  const [evidence] = sampleFinding().evidence;
  const source = { file: "a,b:c%d.ts", line: 1, column: 2, in: null };
  const finding = sampleFinding({
    what: "100% of 2:1, \r\n::error::x",
    evidence: evidence === undefined ? [] : [{ ...evidence, source }],
  });
  const text = renderAnnotations(sampleResult({ findings: [finding] }), same);
  assert.equal(
    text,
    "::error file=a%2Cb%3Ac%25d.ts,line=1,col=2,title=lastcall prove%3A inflight/cut::100%25 of 2:1, %0D%0A::error::x%0AWait for them before you exit.\n",
  );
});

test("annotations: each line of source once, ten at most", () => {
  const at = (line: number): Parameters<typeof sampleFinding>[0] => {
    const source = { file: "a.ts", line, column: 1, in: null };
    return { evidence: sampleFinding().evidence.map((one) => ({ ...one, source })) };
  };
  const count = (findings: ReturnType<typeof sampleFinding>[]): number =>
    renderAnnotations(sampleResult({ findings }), same).split("\n").length - 1;
  assert.equal(count([sampleFinding(at(3))]), 1);
  const many = Array.from({ length: 30 }, (_, line) => sampleFinding(at(line)).evidence).flat();
  assert.equal(count([sampleFinding({ evidence: many })]), 10);
});

test("annotations: criteria speak where no finding does", () => {
  const text = renderAnnotations(sampleResult({ findings: [] }), same);
  const titles = text.trimEnd().split("\n");
  assert.equal(titles.length, 2);
  assert.equal(titles[0], "::error title=lastcall prove::dropped requests == 0: 3 of 12");
});

test("annotations: no verdict blames the prover", () => {
  const trials = [sampleTrial({ faults: ["EMFILE"] })];
  const result = sampleResult({ verdict: "could-not-run", trials });
  assert.equal(
    renderAnnotations(result, same),
    "::error title=lastcall prove::no verdict: EMFILE\n",
  );
  assert.equal(renderAnnotation("a\nb"), "::error title=lastcall prove::a%0Ab\n");
});

test("summary: a heading, and a table in which every row has as many cells as its head", () => {
  const lines = renderSummary(sampleResult()).split("\n");
  assert.equal(lines[0], "## ❌ FAIL · lastcall prove");
  const tables = lines.filter((line) => line.startsWith("|"));
  assert.equal(tables.length, 6 + 4 + 4);
  const cells = (line: string): number => line.split(/(?<!\\)\|/).length;
  assert.deepEqual([...new Set(tables.map(cells))], [6]);
  assert.ok(lines.includes("| ❌ | dropped requests | == 0 | 3 of 12 |"));
});

test("summary: what came from a service is neither Markdown nor markup", () => {
  const finding = sampleFinding({ what: "GET /*a*_b_`c`[d](e)|f <img src=x>\n# g & ~h~" });
  const text = renderSummary(sampleResult({ findings: [finding] }));
  const escaped = String.raw`GET /\*a\*\_b\_\`c\`\[d\](e)\|f &lt;img src=x> \# g &amp; \~h\~`;
  assert.ok(text.includes(escaped), text);
  assert.ok(!/<(?!\/?code>)/.test(text), "no markup but our own");
});
