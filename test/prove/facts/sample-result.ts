import type { Finding } from "#src/prove/facts/finding.js";
import type { InspectionResult } from "#src/prove/facts/inspection.js";
import { CLIENTS, tally, type Client, type Tally } from "#src/prove/facts/ledger.js";
import type { Noise } from "#src/prove/facts/result.js";
import type { ProveResult, RequestRow, StopResult, TrialResult } from "#src/prove/index.js";

/** What a service may send: markup, both kinds of quotes, a line break, a control character. */
export const NASTY = `</script><img src=x onerror="alert(1)">'&\n\u001B[31m|`;

export function sampleStop(rest: Partial<StopResult> = {}): StopResult {
  const size = 80;
  return {
    generation: 0,
    signal: "SIGTERM",
    inFlightAtSignal: 2,
    websocketCloses: { "1001": 3 },
    exposed: { requests: 10, lost: 3 },
    latency: {
      before: { count: 100, p50Ms: 2, p90Ms: 3, p99Ms: 4, maxMs: 5 },
      during: null,
    },
    exit: {
      code: 137,
      signal: "SIGKILL",
      afterSignalMs: 3_000,
      afterSecondSignalMs: null,
      afterLastByteMs: 2_500,
      killed: {
        connections: [
          { client: "slow", connection: 3, state: "request in flight", request: "GET /", ageMs: 5 },
        ],
        processes: [{ pid: 9, command: "node worker.js" }],
        hasListener: true,
      },
      running: null,
      orphans: {
        started: { pid: 7, command: "npm start" },
        left: [{ pid: 8, command: "node server.js" }],
        isServing: true,
      },
    },
    reports: [
      {
        service: "shop",
        outcome: "clean",
        durationMs: 2_400,
        inFlight: 3,
        letGo: 0,
        unfinished: 0,
      },
    ],
    output: ["listening on 8080", `bye ${NASTY}`],
    timeline: {
      firstCloseMs: 4,
      firstGoawayMs: null,
      signalledAgainMs: null,
      lastAcceptedMs: 20,
      listenerClosedMs: 30,
      firstRefusedMs: 35,
      lastByteMs: 500,
      exitMs: 3_000,
      bins: {
        startMs: -1_000,
        widthMs: 50,
        ok: Array.from({ length: size }, () => 3),
        lost: Array.from({ length: size }, (_, at) => (at === 22 ? 2 : 0)),
      },
    },
    ...rest,
  };
}

export function sampleFinding(rest: Partial<Finding> = {}): Finding {
  return {
    id: "inflight/cut",
    severity: "error",
    what: "2 requests in progress at the signal were cut",
    cause: "The process left before it had answered them.",
    next: "Wait for them before you exit.",
    page: "findings/inflight-cut.md",
    count: 2,
    evidence: [
      {
        what: `GET /${NASTY} (slow) was reset`,
        trial: 1,
        atMs: 12,
        request: "p7-1-3",
        route: "GET /report",
        source: { file: "src/server.ts", line: 42, column: 7, in: "stop" },
      },
      { what: "the log ends", trial: 1, atMs: null, request: null, route: null, source: null },
    ],
    ...rest,
  };
}

export function sampleRow(rest: Partial<RequestRow> = {}): RequestRow {
  return {
    trial: 1,
    id: "p7-1-1",
    client: "pool",
    method: "GET",
    path: "/",
    connection: 1,
    generation: 0,
    startMs: -10,
    endMs: 2,
    firstByteMs: 1,
    outcome: "ok",
    kind: "complete",
    status: 200,
    saysClose: false,
    ...rest,
  };
}

const NONE = tally(0, []);

/** A machine with nothing else to do. */
export const QUIET: Noise = {
  windowMs: 2_000,
  cpuWaitShare: 0.01,
  cpuPressureShare: 0.02,
  heldUpMs: 0,
  loopLagP99Ms: 1,
  loopLagMaxMs: 3,
  lateP99Ms: null,
  portsUsed: 30,
  portsInRange: 28_232,
};

export function sampleTrial(rest: Partial<TrialResult> = {}): TrialResult {
  const requestsByClient = Object.fromEntries(CLIENTS.map((client) => [client, NONE]));
  return {
    trial: 1,
    seed: 7,
    verdict: "fail",
    criteria: sampleCriteria(),
    requests: SOME,
    requestsByClient: requestsByClient as Record<Client, Tally>,
    connections: 4,
    losses: [],
    findings: [],
    stops: [sampleStop()],
    rollout: null,
    silence: null,
    effects: null,
    notes: [],
    noise: QUIET,
    faults: [],
    ...rest,
  };
}

const SOME: Tally = { planned: 12, ok: 9, retryable: 0, refused: 1, dropped: 2, unsent: 0 };

function sampleCriteria(): ProveResult["criteria"] {
  const exit = `137 (SIGKILL; kept open by: GET /${NASTY})`;
  return [
    { name: "dropped requests", expected: "== 0", measured: "3 of 12", passed: false },
    { name: "exit code", expected: "== 0", measured: exit, passed: false },
    { name: "time from signal to exit", expected: "< grace 30 s", measured: "3 s", passed: true },
    {
      name: "time from last response byte to exit",
      expected: "",
      measured: "2.5 s",
      passed: null,
    },
  ];
}

function sampleInspection(): InspectionResult {
  const source = { file: `src/${NASTY}.js`, line: 12, column: 9, in: "buildReport" };
  return {
    inspections: [
      {
        trial: 2,
        name: "client-leaves",
        judged: ["GET /report"],
        entries: [
          {
            kind: "timer",
            what: "setTimeout",
            route: "GET /report",
            request: "lastcall-inspect-2",
            source,
            callers: [{ ...source, in: null }],
            ageMs: 1_204.5,
            livedMs: 1_003,
            after: "client-left",
            until: "listed",
          },
        ],
      },
    ],
    faults: [],
  };
}

/** A failed run with everything in it. */
export function sampleResult(rest: Partial<ProveResult> = {}): ProveResult {
  return {
    version: 1,
    verdict: "fail",
    subject: `node ${NASTY}`,
    notes: ["the service was told to stop by a command"],
    checked: ["inflight/cut", "exit/at-once", "exit/late"],
    command: ["node", NASTY],
    seed: 7,
    graceMs: 30_000,
    rttMs: 10,
    lagMs: 2_000,
    asked: [
      { option: "--request", values: [`GET /${NASTY}`] },
      { option: "--grace", values: ["30s"] },
      { option: "--pid1", values: [] },
    ],
    criteria: sampleCriteria(),
    requests: SOME,
    confidence: {
      requests: { lost: 3, total: 12, lower: 0.05, upper: 0.57 },
      stops: { lost: 1, total: 1, lower: 0.05, upper: 1 },
    },
    losses: [
      { outcome: "dropped", kind: "reset", client: "slow", count: 2, firstMs: 12 },
      { outcome: "refused", kind: "refused", client: "pool", count: 1, firstMs: -5 },
    ],
    findings: [
      sampleFinding(),
      sampleFinding({ id: "exit/late", severity: "warning", evidence: [] }),
    ],
    trials: [sampleTrial()],
    inspection: sampleInspection(),
    ...rest,
  };
}
