import assert from "node:assert/strict";
import { sampleTrial } from "../facts/sample-result.js";
import { test } from "node:test";
import {
  renderVerdict,
  type Criterion,
  type ProveResult,
  type StopResult,
} from "#src/prove/index.js";
import { judge } from "#src/prove/judge/judge.js";
import { renderTimeline } from "#src/prove/render/text/timeline.js";

const BINS = { startMs: -1_000, widthMs: 50 };

function stop(
  exit: Partial<StopResult["exit"]>,
  timeline: Partial<StopResult["timeline"]>,
): StopResult {
  const afterSignalMs = exit.afterSignalMs ?? 2_000;
  const size = Math.ceil((afterSignalMs + 1_000) / BINS.widthMs);
  return {
    generation: 0,
    signal: "SIGTERM",
    inFlightAtSignal: 0,
    websocketCloses: {},
    exposed: { requests: 400, lost: 0 },
    latency: null,
    reports: [],
    output: [],
    exit: {
      code: 0,
      signal: null,
      afterSignalMs,
      afterSecondSignalMs: null,
      afterLastByteMs: 40,
      killed: null,
      running: null,
      orphans: null,
      ...exit,
    },
    timeline: {
      firstCloseMs: null,
      firstGoawayMs: null,
      signalledAgainMs: null,
      lastAcceptedMs: null,
      listenerClosedMs: null,
      firstRefusedMs: null,
      lastByteMs: null,
      exitMs: afterSignalMs,
      bins: {
        ...BINS,
        ok: Array.from({ length: size }, (_, at) => (at < 30 ? 4 : 0)),
        lost: Array.from({ length: size }, () => 0),
      },
      ...timeline,
    },
  };
}

function result(criteria: readonly Criterion[], rest: Partial<ProveResult>): ProveResult {
  const requests = { planned: 0, ok: 0, retryable: 0, refused: 0, dropped: 0, unsent: 0 };
  const nothing = { lost: 0, total: 0, lower: 0, upper: 1 };
  const base = {
    version: 1,
    confidence: { requests: nothing, stops: nothing },
    subject: "x",
    notes: [],
    checked: [],
    command: ["x"],
    seed: 7,
    graceMs: 30_000,
    rttMs: 10,
    lagMs: 0,
    asked: [],
    inspection: null,
  } as const;
  return {
    ...base,
    verdict: "pass",
    criteria,
    requests,
    losses: [],
    findings: [],
    trials: [],
    ...rest,
  };
}

const EXPECTED = {
  grace: 30_000,
  signal: "SIGTERM",
  secondSignal: null,
  websockets: [],
  h2: [],
  restarts: 0,
  signalGroup: false,
} as const;
const PASSED = { planned: 12_490, ok: 12_480, retryable: 0, refused: 0, dropped: 0, unsent: 10 };

test("verdict: criterion and measured value side by side, then PASS", () => {
  const criteria = judge(
    [
      {
        requests: PASSED,
        stops: [stop({ afterSignalMs: 6_100 }, {})],
        silence: null,
        effects: null,
      },
    ],
    EXPECTED,
  );
  const trials = [{} as ProveResult["trials"][number]].map((trial) => ({ ...trial, faults: [] }));
  assert.equal(
    renderVerdict(result(criteria, { trials })),
    [
      "✓ dropped requests == 0                   0 of 12,480",
      "✓ exit code == 0                          0",
      "✓ time from signal to exit < grace 30 s   6.1 s",
      "· time from last response byte to exit    40 ms",
      "",
      "PASS  seed 7",
    ].join("\n"),
  );
});

test("verdict: a failure says who held the process and what the clients saw", () => {
  const killed = {
    connections: [
      {
        client: "idle",
        connection: 1,
        state: "idle keep-alive connection",
        request: null,
        ageMs: 5,
      },
      {
        client: "idle",
        connection: 2,
        state: "idle keep-alive connection",
        request: null,
        ageMs: 5,
      },
      { client: "slow", connection: 3, state: "request in flight", request: "GET /slow", ageMs: 5 },
    ],
    processes: [{ pid: 9, command: "node worker.js" }],
    hasListener: true,
  } as const;
  const stops = [stop({ code: 137, signal: "SIGKILL", afterSignalMs: 30_001, killed }, {})];
  const requests = { planned: 1_000, ok: 985, retryable: 0, refused: 12, dropped: 3, unsent: 0 };
  const text = renderVerdict(
    result(judge([{ requests, stops, silence: null, effects: null }], EXPECTED), {
      verdict: "fail",
      losses: [
        { outcome: "refused", kind: "refused", client: "pool", count: 8, firstMs: 9 },
        { outcome: "refused", kind: "refused", client: "fresh", count: 4, firstMs: 4 },
        { outcome: "dropped", kind: "reset", client: "idle", count: 3, firstMs: -250 },
      ],
      trials: [{ faults: [] } as unknown as ProveResult["trials"][number]],
    }),
  );
  assert.equal(
    text,
    [
      "✗ dropped requests == 0                   15 of 1,000",
      "✗ exit code == 0                          137 (SIGKILL at the end of the 30 s grace period; kept open by: 2 × idle keep-alive connection, 1 × request in flight (GET /slow), child `node worker.js` (pid 9))",
      "✗ time from signal to exit < grace 30 s   30 s",
      "· time from last response byte to exit    40 ms",
      "",
      "  connection refused                12  first 4 ms after the signal     pool 8, fresh 4",
      "  reset after the request was sent   3  first 0.25 s before the signal  idle 3",
      "",
      "FAIL  seed 7",
    ].join("\n"),
  );
});

test("verdict: several trials are judged together", () => {
  const good = { requests: PASSED, stops: [stop({}, {})], silence: null, effects: null };
  const bad = {
    requests: { ...PASSED, dropped: 2 },
    stops: [{ ...stop({ code: 1, afterSignalMs: 900 }, {}), exposed: { requests: 400, lost: 1 } }],
    silence: null,
    effects: null,
  };
  const measured = judge([good, bad, good], EXPECTED).map((criterion) => criterion.measured);
  assert.deepEqual(measured, [
    "2 of 37,442 in 3 trials",
    "1 in 1 of 3 stops",
    "0.9 s to 2 s over 3 stops",
    "40 ms to 40 ms over 3 stops",
    "1 of 1,200; with 95 % confidence between 1 in 48,000 and 1 in 210, if each were lost independently",
    "1 of 3; with 95 % confidence between 1 in 120 and 1 in 1.1",
  ]);
});

test("verdict: colour only when asked for", () => {
  const plain = result(
    judge([{ requests: PASSED, stops: [stop({}, {})], silence: null, effects: null }], EXPECTED),
    {},
  );
  assert.ok(!renderVerdict(plain).includes("\u001B"));
  assert.ok(renderVerdict(plain, { color: true }).includes("\u001B[32m✓"));
});

test("timeline: two stops on one axis, each with its phases in order", () => {
  const lost = Array.from({ length: 30 }, (_, at) => (at === 21 ? 3 : 0));
  const rough = stop(
    { afterSignalMs: 500 },
    { lastByteMs: 10, firstRefusedMs: 30, bins: { ...BINS, ok: lost.map(() => 4), lost } },
  );
  const clean = stop({}, { firstCloseMs: 2, lastAcceptedMs: 480, lastByteMs: 490 });
  const text = renderTimeline(
    [
      { name: "without", stop: rough },
      { name: "with", stop: clean },
    ],
    { width: 71 },
  );
  assert.equal(
    text,
    [
      "                              signal              1 s",
      "",
      "without",
      "phase     ──── under load ────┼─────────┼──────────── gone ────────────",
      "answered  ██████████████████████████████",
      "dropped                        ✗",
      "                              SBR       X",
      "          S  0 ms  SIGTERM sent",
      "          B 10 ms  last response byte",
      "          R 30 ms  first connection refused",
      "          X 0.5 s  process exited with 0",
      "",
      "with",
      "phase     ──── under load ────┼────────┼────────── leaving ───────────┼",
      "answered  ██████████████████████████████",
      "                              SC       AB                             X",
      "          S   0 ms  SIGTERM sent",
      "          C   2 ms  first answer with Connection: close",
      "          A 0.48 s  last connection accepted and answered",
      "          B 0.49 s  last response byte",
      "          X    2 s  process exited with 0",
    ].join("\n"),
  );
});

test("text: a FAIL shows what the service itself has said, and a PASS does not", () => {
  const reports = [
    { service: "shop", outcome: "clean", durationMs: 2_400, inFlight: 3, letGo: 2, unfinished: 0 },
  ] as const;
  const stops = [{ ...stop({}, {}), reports, output: ["bye", "\u001B[31mred\u0007\u001B[0m"] }];
  const trials = [sampleTrial({ stops })];
  const failed = renderVerdict(result([], { verdict: "fail", trials }));
  assert.ok(
    failed.includes(
      "drain report of shop: clean after 2.4 s, 3 in flight at its start, 2 let go, 0 unfinished",
    ),
  );
  assert.ok(failed.includes("  bye\n"), failed);
  assert.ok(failed.includes("  red·\n"), failed);
  const passed = renderVerdict(result([], { verdict: "pass", trials }));
  assert.ok(!passed.includes("bye") && !passed.includes("drain report"));
});
