import assert from "node:assert/strict";
import http from "node:http";
import { test } from "node:test";

import { lastcall } from "lastcall";

import { isLegal, isStopping, type Phase } from "#src/phase.js";

import { listen, QUIET, serve } from "./harness/serve.js";
import { connect } from "./harness/wire.js";
import { Hold } from "./harness/hold.js";

const PHASES: Phase[] = [
  "starting",
  "ready",
  "lame-duck",
  "draining",
  "aborting",
  "closing",
  "closed",
];

test("no phase leads back, but for a service of which nothing listens any more", () => {
  for (const from of PHASES) {
    for (const to of PHASES) {
      if (from === "ready" && to === "starting") assert.equal(isLegal(from, to), true);
      else if (PHASES.indexOf(to) <= PHASES.indexOf(from)) assert.equal(isLegal(from, to), false);
    }
  }
});

test("every phase but the last leads on, and every one is reached", () => {
  for (const from of PHASES) {
    assert.equal(
      PHASES.some((to) => isLegal(from, to)),
      from !== "closed",
    );
  }
  for (const to of PHASES) {
    assert.ok(PHASES.some((from) => isLegal(from, to)));
  }
});

test("a drain has begun in all phases after ready", () => {
  assert.deepEqual(PHASES.filter(isStopping), PHASES.slice(2));
});

test("a service is ready once all its servers listen, and goes through every phase in order", async (t) => {
  const hold = new Hold();
  const { service, target } = await serve(t, hold.app, {
    gracePeriod: 1_000,
    lameDuck: { max: 20 },
    abortWindow: 100,
    closingWindow: 300,
  });
  assert.equal(service.phase, "ready");
  const client = await connect(target);
  await client.get("/never");
  await hold.next();
  const entered: Phase[] = [];
  service.on("phase", ({ from, to }) => {
    assert.ok(isLegal(from, to));
    assert.equal(service.phase, to);
    entered.push(to);
  });
  const { phases } = await service.drain();
  assert.deepEqual(entered, ["lame-duck", "draining", "aborting", "closing", "closed"]);
  assert.deepEqual(
    phases.map(({ phase }) => phase),
    entered,
  );
  const instants = phases.map(({ atMs }) => atMs);
  assert.deepEqual(
    instants,
    instants.toSorted((a, b) => a - b),
  );
});

test("a service of which nothing listens is drained without a lame duck", async () => {
  const service = lastcall({ ...QUIET, lameDuck: { max: 5_000 } });
  assert.equal(service.phase, "starting");
  const { phases, outcome, durationMs } = await service.drain();
  assert.deepEqual(
    phases.map(({ phase }) => phase),
    ["draining", "closing", "closed"],
  );
  assert.equal(outcome, "clean");
  assert.ok(durationMs < 5_000);
});

test("a service that still starts has a lame duck as soon as one of its servers listens", async (t) => {
  const late = lastcall({ ...QUIET, lameDuck: { min: 100, max: 100 } });
  t.after(() => late.abort());
  const server = late.attach(http.createServer((_req, res) => res.end("ok")));
  late.attach(http.createServer());
  const port = await listen(server);
  assert.equal(late.phase, "starting");
  const drained = late.drain();
  assert.equal(late.phase, "lame-duck");
  const client = await connect({ port });
  await client.get("/");
  assert.equal((await client.response()).headers.get("connection"), "close");
  assert.equal((await drained).outcome, "clean");
});
