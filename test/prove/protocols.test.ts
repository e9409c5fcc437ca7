// Every protocol but plain HTTP/1.1, each with a service that stops it correctly and one that does
// not.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { renderVerdict, type ProveOptions } from "#src/prove/index.js";
import { criterionOf, proveFixture, type Proof } from "./prove-fixture.js";

const CORRECT = { LAME_DUCK_MS: "600", LINGER_MS: "200" };
const TLS = { tls: true, env: { ...process.env, ...CORRECT, TLS: "1" } };
const SLOWER = { ...process.env, ...CORRECT, LAME_DUCK_MS: "1000" };
const PLAIN = { env: { ...process.env, ...CORRECT } };

/** Nothing of the ordinary load but a few of its clients: each test is about one protocol. */
const FEW = {
  lag: 150,
  clients: { pool: 4, fresh: 1, slow: 1, idle: 2, silent: 1, "half-head": 1 },
} as const;

const HTTP1: Partial<ProveOptions> = {
  slow: ["GET /slow"],
  uploads: ["POST /up"],
  pipelined: ["GET /slow"],
  expecting: ["POST /up"],
  stalled: ["GET /big"],
  events: ["/events"],
  websockets: ["/ws"],
  clients: { pool: 8, fresh: 2, idle: 4, silent: 2, "half-head": 2 },
  lag: 150,
};

interface Control {
  readonly fixture: string;
  readonly options: Partial<ProveOptions>;
  readonly client: string;
  readonly kind: string;
}

const CONTROLS: readonly Control[] = [
  {
    fixture: "websocket-hangs-up",
    options: { websockets: ["/ws"] },
    client: "websocket",
    kind: "abnormal-close",
  },
  { fixture: "events-torn", options: { events: ["/events"] }, client: "events", kind: "truncated" },
  {
    fixture: "cuts-readers",
    options: { stalled: ["GET /big"] },
    client: "stalled",
    kind: "truncated",
  },
  {
    fixture: "closes-pipelines",
    options: { pipelined: ["GET /slow"] },
    client: "pipeline",
    kind: "after-close",
  },
  {
    fixture: "ignores-expect",
    // The question comes after the signal, also where this machine is slow.
    options: { expecting: ["POST /up"], lag: 500, env: SLOWER },
    client: "expect",
    kind: "empty",
  },
  {
    fixture: "http2-refuses",
    options: { h2: ["GET /"], lag: 500 },
    client: "h2",
    kind: "refused-again",
  },
];

// Side by side: each of them mostly waits.
describe("prove, protocol by protocol", { concurrency: 2 }, () => {
  for (const [over, transport] of [
    ["", PLAIN],
    [" over TLS", TLS],
  ] as const) {
    test(`correct: event streams, WebSockets, stalled readers, pipelining and Expect${over} → PASS`, async () => {
      const proof = await proveFixture("speaks-http1", { ...HTTP1, ...transport });
      assertPassed(proof);
      const { rows, result } = proof;
      assert.match(criterionOf(result, "websocket close code").measured, /^1001 × [4-9]$/);
      for (const [client, count] of [
        ["pipeline", 6],
        ["expect", 4],
        ["stalled", 1],
        ["events", 4],
        ["websocket", 4],
      ] as const) {
        const answered = rows.filter((row) => row.client === client && row.outcome === "ok");
        assert.ok(answered.length >= count, `${client}: ${String(answered.length)}`);
      }
    });
  }

  for (const [name, transport] of [
    ["with prior knowledge", PLAIN],
    ["over TLS, beside HTTP/1.1", { ...TLS, requests: ["GET /"], slow: ["GET /slow"] }],
  ] as const) {
    test(`correct: HTTP/2 ${name} → PASS`, async () => {
      const proof = await proveFixture("speaks-http2", {
        ...FEW,
        h2: ["GET /", "GET /slow", 'POST /orders {"id":"{{id}}"}'],
        ...transport,
      });
      assertPassed(proof);
      const { rows, result } = proof;
      const timeline = result.trials[0]?.stops[0]?.timeline;
      assert.equal(typeof timeline?.firstGoawayMs, "number", "GOAWAY was seen");
      assert.ok(rows.some((row) => row.client === "h2" && row.endMs > 0 && row.outcome === "ok"));
      assert.ok(rows.some((row) => row.client === "h2-idle" && row.outcome === "ok"));
      const http1 = rows.filter((row) => row.client === "pool");
      assert.equal(
        http1.length > 0,
        "requests" in transport,
        "HTTP/1.1 only where it was asked for",
      );
    });
  }

  test("control: `process.exit` on SIGTERM over TLS → FAIL with drops", async () => {
    const { result, rows } = await proveFixture("exits-at-once", {
      ...FEW,
      ...TLS,
      slow: ["GET /slow"],
    });
    assert.equal(result.verdict, "fail");
    assert.ok(rows.some((row) => row.client === "slow" && row.outcome === "dropped"));
  });

  for (const { fixture, options, client, kind } of CONTROLS) {
    test(`control: ${fixture} → FAIL, and only ${client} has drops, which say ${kind}`, async () => {
      const { result, rows } = await proveFixture(fixture, { ...FEW, ...PLAIN, ...options });
      assert.equal(result.verdict, "fail", renderVerdict(result));
      const dropped = rows.filter(({ outcome }) => outcome === "dropped");
      assert.ok(dropped.some((row) => row.client === client && row.kind === kind));
      const retried = rows.filter(({ outcome }) => outcome === "retryable");
      assert.equal(retried.length > 0, kind === "refused-again");
      const others = dropped.filter((row) => row.client.replace("-idle", "") !== client);
      assert.deepEqual(others, []);
    });
  }

  test("event streams that lastcall lets go between two events → PASS, with a note", async () => {
    const { result, rows } = await proveFixture("events-let-go", { ...FEW, events: ["/events"] });
    assert.equal(result.verdict, "pass", renderVerdict(result));
    const ended = rows.filter(({ kind }) => kind === "between-events");
    const [report] = result.trials.flatMap(({ stops }) => stops.flatMap(({ reports }) => reports));
    assert.ok(ended.length > 0);
    assert.equal(report?.letGo, ended.length);
    assert.match(
      result.notes.join(),
      /event streams ended between two events without a last chunk/,
    );
  });

  test("control: http2-destroys → FAIL with HTTP/2 streams lost", async () => {
    const { result, rows } = await proveFixture("http2-destroys", {
      ...FEW,
      h2: ["GET /", "GET /slow"],
    });
    assert.equal(result.verdict, "fail");
    const dropped = rows.filter((row) => row.client === "h2" && row.outcome === "dropped");
    assert.ok(dropped.some(({ path }) => path === "/slow"));
  });

  test("control: websocket-wrong-code → FAIL on the code alone", async () => {
    const { result } = await proveFixture("websocket-wrong-code", {
      ...FEW,
      ...PLAIN,
      websockets: ["/ws"],
    });
    assert.equal(result.verdict, "fail");
    assert.equal(criterionOf(result, "dropped requests").passed, true);
    assert.match(criterionOf(result, "websocket close code").measured, /^1000 × \d$/);
  });

  test("control: no-send-timeout → FAIL, held by the reader that stopped", async () => {
    const { result } = await proveFixture("no-send-timeout", {
      ...FEW,
      ...PLAIN,
      stalled: ["GET /big"],
      grace: 4_000,
    });
    assert.equal(result.verdict, "fail");
    assert.match(
      criterionOf(result, "exit code").measured,
      /kept open by: 1 × stalled reader \(GET \/big\)\)$/,
    );
  });

  test("second signal: a service that gives up at it → PASS, whatever that loses", async () => {
    const { result } = await proveFixture("gives-up", { ...FEW, secondSignal: 500 });
    assert.equal(result.verdict, "pass", renderVerdict(result));
    assert.equal(criterionOf(result, "exit code").measured, "143");
    assert.equal(criterionOf(result, "dropped requests").passed, null);
  });

  test("second signal, control: a service that hears none → FAIL", async () => {
    const { result } = await proveFixture("never-exits", {
      ...FEW,
      secondSignal: 100,
      grace: 3_000,
    });
    assert.equal(result.verdict, "fail");
    assert.equal(criterionOf(result, "time from second signal to exit").passed, false);
  });

  test("second signal, control: a service that exits with 0 before it → FAIL", async () => {
    const { result } = await proveFixture("exits-at-once", { ...FEW, secondSignal: 1_500 });
    assert.equal(result.verdict, "fail");
    assert.match(criterionOf(result, "exit code").measured, /^0/);
    assert.match(criterionOf(result, "time from second signal to exit").measured, /^it had exited/);
  });
});

function assertPassed({ result, rows }: Proof): void {
  const lost = rows.filter(({ outcome }) => outcome === "dropped" || outcome === "refused");
  assert.deepEqual(lost, []);
  assert.equal(result.verdict, "pass", renderVerdict(result));
}
