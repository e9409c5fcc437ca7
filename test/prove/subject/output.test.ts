// What a service writes: whole lines as they come, the last of them, and its drain reports apart.
import assert from "node:assert/strict";
import { PassThrough } from "node:stream";
import { test } from "node:test";
import { readReports } from "#src/prove/judge/read-reports.js";
import { lastLines, OutputTail } from "#src/prove/subject/output.js";

const REPORT = JSON.stringify({
  lastcall: "drain",
  service: "shop",
  outcome: "clean",
  durationMs: 1_200.5,
  requests: { inFlight: 3, letGo: 2, unfinished: 0 },
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
    {
      service: "shop",
      outcome: "clean",
      durationMs: 1_200.5,
      inFlight: 3,
      letGo: 2,
      unfinished: 0,
    },
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

const frames = (count: number): string[] =>
  Array.from(
    { length: count },
    (_, n) => `    at step${String(n)} (file:///app/server.js:${String(n)}:5)`,
  );
const logged = (count: number): string[] =>
  Array.from({ length: count }, (_, n) => `request ${String(n)}`);

const HEADS: readonly (readonly [name: string, lines: string[], head: string])[] = [
  [
    "Node",
    ["TypeError: x is not a function", ...frames(10), "", "Node.js v20.20.2"],
    "TypeError: x is",
  ],
  [
    "a message of several lines",
    ["AssertionError [ERR]: not equal:", "", "1 !== 2", "", ...frames(30)],
    "AssertionError",
  ],
  [
    "a cause",
    ["Error: outer", ...frames(9), "  [cause]: Error: inner", ...frames(9), "}"],
    "Error: outer",
  ],
  [
    "after what a logger puts before it",
    ["12:00 ERROR stop failed: Error: no", ...frames(60)],
    "12:00 ERROR",
  ],
  ["what does not call itself an error", ["could not stop", ...frames(20)], "could not stop"],
  [
    "Java",
    ['Exception in thread "main" java.lang.IllegalStateException: x', ...frames(90)],
    "Exception in",
  ],
  [
    "Go",
    ["panic: close of closed channel", "", "goroutine 1 [running]:", "main.main()", ...logged(20)],
    "panic: ",
  ],
  [
    "an event that nothing listens for",
    [
      "Error: listen EADDRINUSE: address already in use /run/app.sock",
      ...frames(9),
      "Emitted 'error' event on Server instance at:",
      ...frames(2),
      ...logged(9).map((line) => `  ${line}`),
      "}",
      "",
      "Node.js v20.20.2",
    ],
    "Error: listen EADDRINUSE",
  ],
  ["lines that follow it", ["Error: early", ...frames(8), ...logged(12)], "Error: early"],
];

for (const [name, error, head] of HEADS) {
  test(`output: the head of the last error is kept (${name})`, () => {
    const { stderr, tail } = open();
    stderr.write(
      `${[...logged(40), "Error: an older one", ...frames(9), ...logged(3), ...error].join("\n")}\n`,
    );
    for (const lines of [
      tail.lastWords().lines,
      lastLines(tail.lastWords().lines, 10),
      tail.text().split("\n"),
    ]) {
      const at = lines.findIndex((line) => line.startsWith(head));
      assert.ok(at !== -1, lines.join("\n"));
      assert.equal(lines[at + 1], error[1]);
      assert.equal(lines.at(-1), error.at(-1));
      assert.ok(lines.length === 10 || lines.length === 20);
    }
  });
}

test("output: an error that stands among the last lines takes nothing from them", () => {
  const lines = [...logged(30), "Error: x", ...frames(5), "bye"];
  assert.deepEqual(lastLines(lines, 10), lines.slice(-10));
  assert.deepEqual(lastLines(logged(30), 10), logged(30).slice(-10), "control: no error at all");
});

test("output: what is kept has a bound, also of long lines", () => {
  const { stderr, tail } = open();
  for (let line = 0; line < 400; line += 1) stderr.write(`${"x".repeat(5_000)}\n`);
  assert.equal(tail.lastWords().lines.length, 20);
  assert.ok(tail.text().length < 21_000);
});
