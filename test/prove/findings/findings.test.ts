// Each rule on facts that are short enough to read: what makes it speak, and the nearest thing that must not.
import assert from "node:assert/strict";
import { test } from "node:test";
import { readOptions } from "#src/options/settings.js";
import type { Rollout, Gap } from "#src/prove/facts/rollout.js";
import { CATALOGUE } from "#src/prove/findings/catalogue.js";
import { repeatCuts } from "#src/prove/findings/signal/repeat-cuts.js";
import { findRolloutFindings, hasError, mergeFindings } from "#src/prove/findings/find.js";
import { findInstances, findReused } from "#src/prove/findings/rollout/instances.js";
import type { Finding, ReportedDrain, RequestRow } from "#src/prove/index.js";
import {
  answered,
  find,
  holder,
  idsOf,
  lost,
  stopFacts,
  used,
  type Given,
  type Used,
} from "./stop-facts.js";

/** A service that never said close, was not seen to close its listener, and was not left alone. */
const UNCHANGED = { firstCloseMs: null, listenerClosedMs: null } as const;
const BY_SIGNAL = { code: 143, signal: "SIGTERM" } as const;
const SLOW = { path: "/slow", startMs: -150 } as const;
const IN_FLIGHT: Used[] = [used("slow", [{ ...lost(-150, 8), ...SLOW }], { endMs: 8 })];
const REFUSED = { outcome: "refused", kind: "refused", startMs: null, firstByteMs: null } as const;

function refusedAt(endMs: number): Used {
  const row = { connectedMs: null, endMs, end: "refused" } as const;
  return used("fresh", [{ ...REFUSED, endMs, status: null }], row);
}

/** A client that asked for a connection, and gave up. */
function hungAt(askedMs: number): Used {
  const endMs = askedMs + 5_000;
  const row = { askedMs, connectedMs: null, endMs, end: "timed out" } as const;
  return used("fresh", [{ ...REFUSED, kind: "timeout", endMs, status: null }], row);
}

/** A connection that was made and never accepted, and ends with the listener. */
function queuedAt(sentMs: number): Used {
  const row = { connectedMs: sentMs - 5, endMs: 6_000, end: "reset by service" } as const;
  return used("fresh", [lost(sentMs, 6_000)], row);
}

function report(outcome: "clean" | "aborted"): ReportedDrain {
  return { service: "shop", outcome, durationMs: 2_000, inFlight: 1, letGo: 0, unfinished: 0 };
}

/** A name, what was seen, and the ids of what has to be found. */
const CASES: readonly (readonly [string, Given, readonly string[]])[] = [
  ["a stop in order", { connections: [used("pool", [answered(-90), answered(500, true)])] }, []],

  // What the balancer expects.
  [
    "a hint of a keep-alive time that is shorter than the balancer's",
    { facts: { keepAlive: { limitMs: 60_000, toldMs: 5_000, closedMs: null } } },
    ["keepalive/short-timeout"],
  ],
  [
    "a connection that was closed sooner than the balancer would have",
    { facts: { keepAlive: { limitMs: 6_000, toldMs: null, closedMs: 5_010 } } },
    ["keepalive/short-timeout"],
  ],
  [
    "connections that are closed between requests, before the signal",
    {
      facts: { keepAlive: { limitMs: 60_000, toldMs: null, closedMs: null } },
      connections: [used("pool", [answered(-390)], { endMs: -100 })],
    },
    ["keepalive/short-timeout"],
  ],
  [
    "connections that are kept for longer than the balancer does",
    { facts: { keepAlive: { limitMs: 60_000, toldMs: 65_000, closedMs: null } } },
    [],
  ],

  // What the service says of itself.
  [
    "a report that says clean, and requests that were cut",
    { reports: [report("clean")], connections: [torn("slow", 700)] },
    ["stream/truncated", "report/says-clean"],
  ],
  [
    "a report that says so beside one of another process that does not",
    { reports: [report("clean"), report("aborted")], connections: [torn("slow", 700)] },
    ["stream/truncated"],
  ],
  [
    "a report that says clean, and as many event streams were torn as it let go",
    {
      reports: [{ ...report("clean"), letGo: 2 }],
      connections: [torn("events", 700), torn("events", 710)],
    },
    ["stream/truncated"],
  ],
  [
    "a report that says clean, and more were torn than it let go",
    {
      reports: [{ ...report("clean"), letGo: 1 }],
      connections: [torn("events", 700), torn("events", 710)],
    },
    ["stream/truncated", "report/says-clean"],
  ],
  [
    "a report that says clean, and what it let go were no slow requests",
    { reports: [{ ...report("clean"), letGo: 1 }], connections: [torn("slow", 700)] },
    ["stream/truncated", "report/says-clean"],
  ],
  ["a report that says clean, and it is", { reports: [report("clean")] }, []],

  // The signal.
  [
    "a wrapper that went and left the server serving",
    {
      exit: {
        code: 143,
        signal: "SIGTERM",
        afterSignalMs: 4,
        orphans: {
          started: { pid: 7, command: "npm start" },
          left: [{ pid: 8, command: "node server.js" }],
          isServing: true,
        },
      },
      timeline: UNCHANGED,
    },
    ["signal/never-arrived"],
  ],
  [
    "told the same again, and gone with it",
    {
      exit: { ...BY_SIGNAL, afterSignalMs: 24 },
      facts: { repeatedMs: 20 },
      timeline: { listenerClosedMs: null, firstCloseMs: 5 },
      connections: [
        used("pool", [answered(12, true)], { endMs: 12 }),
        refusedAt(40),
        used("slow", [lost(-150, 23)], { endMs: 23 }),
      ],
    },
    ["signal/repeat-cuts"],
  ],
  [
    "told the same again, and gone in its own time",
    {
      facts: { repeatedMs: 20 },
      connections: [used("pool", [answered(12, true)], { endMs: 12 })],
    },
    [],
  ],
  [
    "gone at once, and nothing seen but refusals, whatever was said to whom",
    {
      exit: { afterSignalMs: 14, code: 1 },
      timeline: { listenerClosedMs: null, firstCloseMs: 5 },
      connections: [used("pool", [answered(4, true)], { endMs: 4 }), refusedAt(20), refusedAt(300)],
    },
    ["exit/at-once"],
  ],
  [
    "gone at once, with nothing lost",
    {
      exit: { afterSignalMs: 14 },
      timeline: { listenerClosedMs: null, firstCloseMs: 5 },
      connections: [used("pool", [answered(4, true)], { endMs: 4 })],
    },
    [],
  ],
  [
    "ended by the signal after an answer to a request that was sent later",
    {
      exit: { ...BY_SIGNAL, afterSignalMs: 16 },
      timeline: UNCHANGED,
      connections: [
        used("pool", [{ ...answered(12), startMs: 2, firstByteMs: 10 }], { endMs: 15 }),
        refusedAt(30),
        used("slow", [lost(-150, 15)], { endMs: 15 }),
      ],
    },
    ["exit/raised-again"],
  ],
  [
    "the same where others may have answered since",
    {
      exit: { ...BY_SIGNAL, afterSignalMs: 16 },
      timeline: UNCHANGED,
      facts: { toldMs: null },
      connections: [
        used("pool", [{ ...answered(12), startMs: 2, firstByteMs: 10 }], { endMs: 15 }),
        refusedAt(30),
      ],
    },
    ["exit/died-of-signal"],
  ],
  [
    "ended by the signal, and only answered what was with it already",
    {
      exit: { ...BY_SIGNAL, afterSignalMs: 16 },
      timeline: UNCHANGED,
      connections: [
        used("pool", [{ ...answered(12), startMs: -8, firstByteMs: 1 }], { endMs: 15 }),
        refusedAt(30),
      ],
    },
    ["exit/died-of-signal"],
  ],
  [
    "connections that hang, and those that waited in the queue meanwhile, whoever was answered",
    {
      timeline: { listenerClosedMs: 5_990 },
      connections: [hungAt(40), queuedAt(20), used("slow", [answered(700)]), refusedAt(6_100)],
    },
    ["listener/connects-hang"],
  ],
  [
    "a connection that hung before the signal",
    { connections: [hungAt(-6_000), used("pool", [answered(500, true)])] },
    [],
  ],
  [
    "a wrapper that keeps the signal",
    {
      timeline: UNCHANGED,
      connections: [used("pool", [answered(900)])],
      facts: {
        held: { connections: [], processes: [{ pid: 8, command: "node" }], hasListener: false },
      },
    },
    ["signal/never-arrived"],
  ],
  [
    "a server that goes on as before",
    {
      timeline: UNCHANGED,
      holders: [holder("pool", "idle keep-alive connection"), holder("idle", "half-sent head")],
      connections: [used("pool", [answered(900)], { endMs: 30_010 })],
    },
    ["signal/ignored"],
  ],
  [
    "a server that says close, and is then held",
    {
      holders: [holder("half-head", "half-sent head")],
      timeline: { listenerClosedMs: 2_300 },
      connections: [used("pool", [answered(900, true)])],
    },
    ["idle/holds-exit"],
  ],

  // The exit.
  [
    "a process that the signal ended",
    {
      exit: { code: 143, signal: "SIGTERM", afterSignalMs: 9 },
      timeline: UNCHANGED,
      connections: [...IN_FLIGHT, refusedAt(40)],
    },
    ["exit/died-of-signal"],
  ],
  [
    "a process that ends itself by the signal when it has finished",
    { exit: { code: 143, signal: "SIGTERM", afterSignalMs: 2_700 } },
    ["exit/code-not-zero"],
  ],
  [
    "a process that leaves at the signal",
    {
      exit: { afterSignalMs: 9 },
      timeline: UNCHANGED,
      connections: [
        ...IN_FLIGHT,
        refusedAt(40),
        used("upload", [{ ...lost(-100, 9), kind: "empty" }], { endMs: 8 }),
        used("websocket", [{ ...lost(-100, 9), kind: "abnormal-close" }], { endMs: 8 }),
      ],
    },
    ["exit/at-once"],
  ],
  [
    "requests cut long before the exit",
    { connections: [used("slow", [{ ...lost(-150, 730), ...SLOW }], { endMs: 725 })] },
    ["inflight/cut"],
  ],
  [
    "a deadline late in the grace period, with 0",
    {
      exit: { afterSignalMs: 25_000 },
      connections: [used("slow", [{ ...lost(-150, 25_000), ...SLOW }], { endMs: 25_000 })],
      timeline: { lastByteMs: 25_000, listenerClosedMs: 2_300 },
    },
    ["exit/code-lies"],
  ],
  [
    "a deadline late in the grace period, with 1",
    {
      exit: { afterSignalMs: 25_000, code: 1 },
      connections: [used("slow", [{ ...lost(-150, 25_000), ...SLOW }], { endMs: 25_000 })],
      timeline: { lastByteMs: 25_000, listenerClosedMs: 2_300 },
    },
    ["inflight/cut"],
  ],
  ["an orderly stop with 1", { exit: { code: 1 } }, ["exit/code-not-zero"]],
  [
    "an exit long after the last work",
    { exit: { afterSignalMs: 9_000 }, timeline: { listenerClosedMs: 2_300, lastByteMs: 2_600 } },
    ["exit/late"],
  ],
  [
    "a lame duck that is longer than the balancer's lag",
    { exit: { afterSignalMs: 9_000 }, timeline: { listenerClosedMs: 8_700, lastByteMs: 1_990 } },
    [],
  ],
  ["output that ends in a line", { facts: { tornLine: "answered GET /or" } }, ["exit/logs-lost"]],
  ["output that ends with blanks", { facts: { tornLine: " " } }, []],
  [
    "a second signal that changes nothing",
    {
      exit: { code: 143, afterSecondSignalMs: 1_700 },
      timeline: { signalledAgainMs: 500 },
      facts: {
        asked: {
          signal: "SIGTERM",
          grace: 30_000,
          lag: 2_000,
          rtt: 10,
          signalGroup: false,
          secondSignal: 500,
        },
      },
    },
    ["second-signal/ignored"],
  ],
  [
    "a second signal, at once and with 143: what it loses was asked for",
    {
      exit: { code: 143, afterSignalMs: 530, afterSecondSignalMs: 30 },
      timeline: { signalledAgainMs: 500 },
      connections: [used("slow", [{ ...lost(-150, 540), ...SLOW }], { endMs: 528 })],
    },
    [],
  ],
  [
    "a second signal, at once and with 0",
    {
      exit: { code: 0, afterSignalMs: 530, afterSecondSignalMs: 30 },
      timeline: { signalledAgainMs: 500 },
    },
    ["exit/code-lies"],
  ],
  [
    "children left behind",
    {
      exit: {
        orphans: {
          started: { pid: 7, command: "node" },
          left: [{ pid: 9, command: "worker" }],
          isServing: false,
        },
      },
    },
    ["process/left-children"],
  ],
  ["nothing of ours at the kill", { holders: [] }, ["hook/killed"]],

  // The listener and kept-alive connections.
  [
    "refused within the lag",
    {
      timeline: { listenerClosedMs: 40 },
      connections: [refusedAt(30), used("fresh", [lost(25, 44)], { connectedMs: 15, endMs: 39 })],
    },
    ["listener/closed-before-lame-duck"],
  ],
  [
    "reset in the queue, while nobody was answered",
    {
      connections: [
        used("fresh", [lost(500, 915)], { connectedMs: 490, endMs: 910, end: "reset by service" }),
        used("pool", [answered(480, true)], { endMs: 480 }),
      ],
      facts: { listenerOpenMs: 905 },
    },
    ["listener/queue-reset"],
  ],
  [
    "read late, as everything was around the signal: it crossed the close",
    {
      connections: [
        used("idle", [answered(-300), lost(-60, 12)], { endMs: 4 }),
        used("pool", [answered(-450), { startMs: -120, firstByteMs: -20, endMs: -15 }]),
        used("pool", [answered(400, true)], { endMs: 400 }),
      ],
    },
    ["keepalive/reset-after-send"],
  ],
  [
    "a new connection closed before its request was read, with the listener open: taken for idle",
    {
      connections: [
        used("fresh", [lost(500, 515)], { connectedMs: 490, endMs: 510, end: "reset by service" }),
        used("pool", [answered(480, true)], { endMs: 480 }),
      ],
      facts: { listenerOpenMs: 2_490 },
    },
    ["keepalive/reset-after-send"],
  ],
  [
    "a new connection cut while others were answered: it was in a handler",
    {
      connections: [
        used("fresh", [lost(500, 915)], { connectedMs: 490, endMs: 910 }),
        used("pool", [answered(800, true)], { endMs: 800 }),
      ],
    },
    ["inflight/cut"],
  ],
  [
    "crossed the close of an idle connection",
    { connections: [used("idle", [answered(-300), lost(-2, 12)], { endMs: 4 })] },
    ["keepalive/reset-after-send"],
  ],
  [
    "crossed in the sweep that cut a request in progress",
    {
      connections: [
        used("slow", [{ ...lost(-150, 730), ...SLOW }], { endMs: 725 }),
        used("pool", [answered(700), lost(722, 735)], { endMs: 726 }),
      ],
    },
    ["inflight/cut"],
  ],
  ["a kept-alive connection gone before the write", { connections: [unsent()] }, []],
  [
    "never said close, and closed",
    { timeline: { firstCloseMs: null }, connections: [used("pool", [answered(900)])] },
    ["keepalive/no-close-header"],
  ],
  [
    "said close to somebody: the others were idle",
    { connections: [used("pool", [answered(900)]), used("pool", [answered(950, true)])] },
    [],
  ],
  [
    "an answer whose head left with the signal",
    { timeline: { firstCloseMs: null }, connections: [used("pool", [answered(20)])] },
    [],
  ],

  // What was in flight.
  ["answered 503", { connections: [used("pool", [wrong(400)])] }, ["inflight/answered-5xx"]],
  ["answered 503, as before", { connections: [used("pool", [wrong(-400), wrong(400)])] }, []],
  ["torn", { connections: [torn("slow", 700)] }, ["stream/truncated"]],
  ["an upload cut", { connections: [torn("upload", 700)] }, ["upload/cut"]],
  ["a slow reader cut", { connections: [torn("stalled", 700)] }, ["reader/cut"]],
  [
    "left behind an answer that said close",
    {
      connections: [
        used("pipeline", [answered(300, true), { ...lost(-50, 300), kind: "after-close" }], {
          endMs: 300,
        }),
      ],
    },
    ["pipeline/lost"],
  ],
  [
    "asked, and hung up on",
    { connections: [used("expect", [{ ...lost(300, 320), kind: "empty" }], { endMs: 315 })] },
    ["expect/ignored"],
  ],
  ["torn before the signal", { connections: [torn("slow", -100)] }, []],

  // WebSockets and HTTP/2.
  [
    "a WebSocket without a close frame",
    {
      connections: [
        used("websocket", [{ ...lost(-300, 60), kind: "abnormal-close" }], { endMs: 55 }),
      ],
    },
    ["websocket/abnormal-close"],
  ],
  ["a WebSocket with 1000", { connections: [websocket(1000)] }, ["websocket/wrong-code"]],
  ["a WebSocket with 1012", { connections: [websocket(1012)] }, []],
  [
    "a WebSocket at the kill",
    { holders: [holder("websocket", "WebSocket")] },
    ["websocket/holds-exit"],
  ],
  [
    "an event stream at the kill",
    { holders: [holder("events", "event stream")] },
    ["stream/holds-exit"],
  ],
  ["a session without GOAWAY", { connections: [used("h2", [{}])] }, ["http2/no-goaway"]],
  ["a session with GOAWAY", { connections: [used("h2", [{}], { saidCloseMs: 30 })] }, []],
  [
    "a stream lost after GOAWAY",
    { connections: [used("h2", [lost(20, 90)], { saidCloseMs: 30, endMs: 88 })] },
    ["http2/stream-lost"],
  ],

  // The probes.
  [
    "ready to the end",
    { probes: [probe(-300, 200), probe(2_350, "refused")] },
    ["readiness/never-flipped"],
  ],
  [
    "not ready with the listener's end",
    { probes: [probe(-300, 200), probe(2_290, 503), probe(2_350, "refused")] },
    ["readiness/flipped-late"],
  ],
  [
    "not ready in time",
    { probes: [probe(-300, 200), probe(30, 503), probe(2_350, "refused")] },
    [],
  ],
  ["never ready", { probes: [probe(-300, 404)] }, []],
  ["live no more", { probes: [live(-300, 200), live(30, 503)] }, ["probe/liveness-failed"]],
  ["live, then refused", { probes: [live(-300, 200), live(2_350, "refused")] }, []],
];

for (const [name, given, ids] of CASES) {
  test(`findings: ${name} → ${ids.join(", ") || "nothing"}`, () => {
    assert.deepEqual(idsOf(stopFacts(given)), ids);
  });
}

test("findings: every rule about a stop is found in some case above", () => {
  const found = new Set(CASES.flatMap(([, , ids]) => ids));
  const rollouts = CATALOGUE.map(({ id }) => id).filter((id) => /^(?:rollout|effects)\//.test(id));
  const others = ["handler/ignores-abort", "work/left-behind", ...rollouts];
  const missing = CATALOGUE.map(({ id }) => id).filter((id) => !found.has(id));
  assert.deepEqual(missing.sort(), others.sort());
});

test("findings: whatever holds a process to the kill is named", () => {
  const stop = stopFacts({ holders: [holder("pool", "request in flight", "GET /")] });
  assert.deepEqual(idsOf(stop), ["hook/killed"]);
});

test("findings: several stops make one finding of each kind, with what was worst", () => {
  const one = stopFacts({ connections: [torn("slow", 700)] });
  const two = stopFacts({ connections: [torn("slow", 650), torn("slow", 655)] });
  const [finding, ...rest] = find(one, two, stopFacts());
  assert.deepEqual(rest, []);
  assert.equal(finding?.count, 3);
  assert.equal(finding.page, "findings/stream-truncated.md");
  assert.match(finding.what, /^2 answers were torn .* \(seen in 2 of 3 stops\)$/);
  assert.deepEqual(
    finding.evidence.map(({ what }) => what)[0],
    "GET /slow (slow) was torn inside its answer 0.7 s after the signal",
  );
  const merged = mergeFindings([find(one), find(two), []]);
  assert.match(merged[0]?.what ?? "", /\(seen in 2 of 3 trials\)$/);
});

test("findings: errors come first, and a warning alone fails nothing", () => {
  const warning = find(stopFacts({ facts: { tornLine: "half a" } }));
  assert.ok(!hasError(warning));
  const both = find(stopFacts({ facts: { tornLine: "half a" }, exit: { code: 1 } }));
  assert.deepEqual(
    both.map(({ severity }) => severity),
    ["error", "warning"],
  );
  assert.ok(hasError(both));
});

const ROLLOUT: Rollout = {
  command: "./deploy",
  exitCode: 0,
  startMs: 0,
  endMs: 2_000,
  tailMs: 500,
  gaps: [],
};
const KINDS = [{ outcome: "refused", kind: "refused", count: 12, ids: ["p-1"] }] as const;
const GAP: Gap = {
  firstMs: 200,
  lastMs: 900,
  count: 12,
  answered: 0,
  silentMs: 700,
  kinds: KINDS,
};

function rolled(connections: readonly Used[], gaps: readonly Gap[] = []): Finding[] {
  const requests = connections.flatMap((one) => one.requests);
  return findRolloutFindings({
    trial: 1,
    rollout: { ...ROLLOUT, gaps },
    rtt: 0,
    requests,
    reused: findReused(requests),
    instances: findInstances(requests),
  });
}

test("findings: a rollout with an outage, and a gap of one instant", () => {
  const [finding, ...others] = rolled([refusedAt(300), refusedAt(800)], [GAP]);
  assert.equal(finding?.id, "rollout/gap");
  assert.deepEqual(others, [], "who was refused in it is explained");
  assert.equal(finding.count, 12);
  assert.match(finding.what, /^no instance answered for 0\.7 s while/);
  assert.match(finding.evidence[0]?.what ?? "", /refused 12; none was answered meanwhile$/);
  const instant = { ...GAP, lastMs: 200, silentMs: 0, count: 1 };
  assert.deepEqual(
    rolled([refusedAt(200)], [instant]).map(({ id }) => id),
    ["rollout/refused"],
  );
  assert.deepEqual(rolled([]), []);
});

test("findings: a lost race, a proxy's 502 and a refused connection are three", () => {
  const race = used("pool", [answered(300), lost(500, 508)]);
  const proxy = used("pool", [answered(200), { ...wrong(600), status: 502 }]);
  const found = rolled([race, proxy, refusedAt(400)]);
  assert.deepEqual(
    found.map(({ id }) => id),
    ["rollout/refused", "rollout/keepalive-race", "rollout/answered-5xx"],
  );
  assert.match(found[2]?.what ?? "", /^1 request answered 502, as a proxy does/);
  const cut = rolled([used("slow", [answered(300), lost(400, 900)])]);
  assert.deepEqual(
    cut.map(({ id }) => id),
    ["rollout/cut"],
  );
  const first = rolled([used("pool", [lost(500, 508)]), used("pool", [answered(90)])]);
  assert.deepEqual(
    first.map(({ id }) => id),
    ["rollout/cut"],
    "on a new connection there is no race",
  );
});

test("findings: answers that name their instance say which lost, and when that was in its stop", () => {
  const by = (instance: string, ms: number, saysClose = false): Partial<RequestRow> => {
    return { ...answered(ms, saysClose), instance };
  };
  const found = rolled([
    used("pool", [by("shop-1", 300), by("shop-1", 400, true)]),
    used("pool", [by("shop-1", 320), lost(500, 508)]),
    used("pool", [by("shop-2", 2_400)]),
  ]);
  assert.match(found[0]?.what ?? "", /; shop-1 lost 1$/);
  assert.match(
    found[0]?.evidence[0]?.what ?? "",
    /was reset 0\.51 s after the command's start, 0\.11 s after shop-1 first said close$/,
  );
});

function torn(client: "slow" | "upload" | "stalled" | "events", endMs: number): Used {
  const row = { ...lost(-150, endMs + 5), firstByteMs: -20, kind: "truncated", path: "/slow" };
  return used(client, [row], { endMs });
}

function wrong(endMs: number): Partial<RequestRow> {
  return { ...answered(endMs, true), outcome: "dropped", kind: "5xx", status: 503 };
}

function websocket(status: number): Used {
  const row = { startMs: -300, endMs: 60, kind: "closed", status } as const;
  return used("websocket", [row], { saidCloseMs: 50 });
}

function unsent(): Used {
  const row = { outcome: "unsent", kind: "closed", startMs: null, endMs: 12 } as const;
  return used("pool", [answered(-20), row], { endMs: 4 });
}

function probe(
  answeredMs: number,
  answer: number | "refused",
): { kind: "readiness"; askedMs: number; answeredMs: number; answer: number | "refused" } {
  return { kind: "readiness", askedMs: answeredMs - 2, answeredMs, answer };
}

function live(
  answeredMs: number,
  answer: number | "refused",
): { kind: "liveness"; askedMs: number; answeredMs: number; answer: number | "refused" } {
  return { ...probe(answeredMs, answer), kind: "liveness" };
}

test("findings: the advice on a stop told twice names the window that the library has", () => {
  const { repeatWindow } = readOptions({}, {});
  assert.ok(repeatCuts.next.includes(` within ${String(repeatWindow)} ms of the first`));
});
