// What a result tells of what was asked for: every option that changes what is measured, and no secret.
import assert from "node:assert/strict";
import { test } from "node:test";
import { parseDuration, writeDuration } from "#src/prove/facts/duration.js";
import type { AskedOption } from "#src/prove/facts/result.js";
import { listAsked } from "#src/prove/options/asked.js";
import type { ProveOptions } from "#src/prove/options/options.js";
import { resolveOptions } from "#src/prove/options/resolve.js";
import { OPTIONS } from "#src/prove/options/table.js";

type Name = keyof ProveOptions;

const START: ProveOptions = { command: ["node", "server.js"] };
const ATTACH: ProveOptions = { pid: 7, url: "http://127.0.0.1:3000" };
const ROLLOUT: ProveOptions = { during: "deploy", url: "http://127.0.0.1:3000" };

/** Another value of each option than its default. */
const OTHERS: Partial<Readonly<Record<Name, ProveOptions>>> = {
  stopWith: { ...ATTACH, stopWith: "systemctl stop api" },
  during: ROLLOUT,
  url: ATTACH,
  tls: { ...START, tls: true },
  instanceHeader: { ...ROLLOUT, instanceHeader: "X-Pod" },
  effects: { ...START, effects: "psql postgres://user:secret@db" },
  requests: { ...START, requests: ["GET /other"] },
  rate: { ...START, rate: 50 },
  spacing: { ...START, rate: 50, spacing: "even" },
  slow: { ...START, slow: ["GET /slow"] },
  uploads: { ...START, uploads: ["POST /upload"] },
  h2: { ...START, h2: ["GET /"] },
  websockets: { ...START, websockets: ["/ws"] },
  events: { ...START, events: ["/events"] },
  stalled: { ...START, stalled: ["GET /big"] },
  pipelined: { ...START, pipelined: ["GET /slow"] },
  expecting: { ...START, expecting: ["POST /upload"] },
  clients: { ...START, clients: { pool: 3 } },
  rtt: { ...START, rtt: 40 },
  warmup: { ...START, warmup: 250 },
  think: { ...START, think: 5 },
  connectTimeout: { ...START, connectTimeout: 1_234 },
  tail: { ...ROLLOUT, tail: 1_000 },
  signal: { ...START, signal: "SIGINT" },
  signalGroup: { ...START, signalGroup: true },
  pid1: { ...START, pid1: true },
  secondSignal: { ...START, secondSignal: 300 },
  repeatSignal: { ...START, repeatSignal: 20 },
  grace: { ...START, grace: 5_000 },
  kill: { ...ATTACH, kill: true },
  lag: { ...START, lag: 700 },
  balancerKeepalive: { ...START, balancerKeepalive: 60_000 },
  readiness: { ...START, readiness: "/readyz" },
  liveness: { ...START, liveness: "/livez" },
  trials: { ...START, trials: 5 },
  restarts: { ...START, restarts: 2 },
  silence: { ...START, silence: 1_000 },
  inspect: { ...START, inspect: true },
  inspectWait: { ...START, inspectWait: 500 },
};

/** Those that are told by others, in the words of these, and those that change nothing that is measured. */
const ELSEWHERE: ReadonlySet<Name> = new Set<Name>([
  ...(["pid", "port", "seed", "startTimeout", "insecure", "ca"] as const),
  ...(["http", "har", "openapi", "allow", "allowUnsafe"] as const),
  ...(["headers", "expectStatus", "quick"] as const),
]);

function ask(options: ProveOptions): Map<string, readonly string[]> {
  const asked: AskedOption[] = listAsked(resolveOptions(options));
  return new Map(asked.map(({ option, values }) => [option, values]));
}

for (const [name, { flag }] of Object.entries(OPTIONS)) {
  if (flag === undefined || ELSEWHERE.has(name as Name)) continue;
  test(`asked: ${flag} is told, and is another than without it`, () => {
    const others = OTHERS[name as Name];
    assert.ok(others !== undefined, `no other value of \`${name}\` here`);
    const told = ask(others).get(flag);
    assert.notEqual(told, undefined);
    assert.notDeepEqual(told, ask(START).get(flag));
  });
}

test("asked: the same is told of what was given and of what is the default", () => {
  const given = ask({
    ...START,
    grace: 30_000,
    signal: "SIGTERM",
    requests: ["GET /"],
    lag: 1_500,
  });
  assert.deepEqual(given, ask(START));
  assert.deepEqual(ask(START).get("--lag"), ["1.5s"]);
  assert.deepEqual(ask({ ...START, quick: true }).get("--lag"), ["500ms"]);
  assert.deepEqual(ask({ ...START, seed: 1 }), ask({ ...START, seed: 2 }), "a seed is any");
});

test("asked: a request is told with what is sent beside it, and nothing that may be secret", () => {
  const requests = ['POST /login {"password":"secret"}', "GET /"];
  const asked = ask({
    ...START,
    requests,
    headers: [["Authorization", "Bearer secret"]],
    expectStatus: "2xx,404",
    effects: "psql postgres://user:secret@db",
  });
  assert.deepEqual(asked.get("--request"), [
    "POST /login (body of 21 bytes, Authorization, expects 2xx or 404)",
    "GET / (Authorization, expects 2xx or 404)",
  ]);
  assert.deepEqual(asked.get("--effects"), []);
  assert.doesNotMatch(JSON.stringify([...asked]), /secret/);
});

test("asked: times are written so that they read the same again", () => {
  for (const ms of [0, 0.5, 20, 250, 999, 1_000, 1_234, 1_500, 30_000, 60_000])
    assert.equal(parseDuration(writeDuration(ms)), ms, writeDuration(ms));
});
