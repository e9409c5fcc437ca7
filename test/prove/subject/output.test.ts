// What a service writes: whole lines as they come, the last of them, and its drain reports apart.
import assert from "node:assert/strict";
import { PassThrough } from "node:stream";
import { test } from "node:test";
import { readReports } from "#src/prove/judge/read-reports.js";
import { OutputTail } from "#src/prove/subject/output.js";

const REPORT = JSON.stringify({
  lastcall: "drain",
  service: "shop",
  outcome: "clean",
  durationMs: 1_200.5,
  requests: { inFlight: 3, unfinished: 0 },
});

function open(): { stdout: PassThrough; stderr: PassThrough; tail: OutputTail; told: string[] } {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const told: string[] = [];
  const tail = new OutputTail({ stdout, stderr }, (from, text) => told.push(`${from} ${text}`));
  return { stdout, stderr, tail, told };
}

test("output: lines are put together of what arrives in parts, stream by stream", async () => {
  const { stdout, stderr, tail, told } = open();
  stdout.write("one\ntw");
  stderr.write("warning\n");
  stdout.write("o\n\nthree");
  assert.deepEqual(told, ["stdout one", "stderr warning", "stdout two", "stdout "]);
  assert.deepEqual(tail.lastWords(), {
    lines: ["one", "warning", "two", ""],
    reports: [],
    tornLine: "three",
  });
  stdout.end();
  await new Promise((resolve) => stdout.on("end", resolve));
  assert.equal(told.at(-1), "stdout three");
});

test("output: a drain report is told and kept apart, also beyond the last lines", () => {
  const { stderr, tail, told } = open();
  stderr.write(`${REPORT}\n`);
  for (let line = 0; line < 100; line += 1) stderr.write(`${String(line)}\n`);
  const { lines, reports } = tail.lastWords();
  assert.equal(told.length, 101);
  assert.equal(lines.length, 20);
  assert.deepEqual(reports, [REPORT]);
  assert.deepEqual(readReports(reports), [
    { service: "shop", outcome: "clean", durationMs: 1_200.5, inFlight: 3, unfinished: 0 },
  ]);
});

test("output: what is cut off or of another form is no report", () => {
  const other = REPORT.replace("clean", "splendid");
  assert.deepEqual(readReports([REPORT.slice(0, 40), other, "{}"]), []);
});

test("output: a line without an end is kept to a length", () => {
  const { stdout, tail } = open();
  for (let part = 0; part < 100; part += 1) stdout.write("x".repeat(10_000));
  assert.equal(tail.lastWords().tornLine, "x".repeat(200));
});
