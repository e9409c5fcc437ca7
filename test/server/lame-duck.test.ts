import assert from "node:assert/strict";
import http from "node:http";
import { suite, test, type TestContext } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";

import type { LameDuckReport } from "lastcall";
import { Arrivals } from "#src/server/lame-duck/arrivals.js";
import { AttachedServer } from "#src/server/attached.js";
import { LameDuck, type Visited } from "#src/server/lame-duck/lame-duck.js";
import { Probers } from "#src/server/lame-duck/probers.js";

import { fence } from "../harness/fence.js";
import { listen } from "../harness/serve.js";
import { connect } from "../harness/wire.js";

const NEVER = new AbortController().signal;

/** What a server remembers that somebody visited every `gap` ms for the last minute. */
function visitedEvery(gap: number): Arrivals {
  const now = performance.now();
  const arrivals = new Arrivals(now - 60_000);
  for (let at = now - 60_000; at < now; at += gap) arrivals.add(at);
  return arrivals;
}

function server(arrivals: Arrivals): Visited & { quietSince: number } {
  return { arrivals, requests: arrivals, quietSince: arrivals.last, latest: [], isFollowed: false };
}

function wait(servers: Visited[], min: number, max: number): Promise<LameDuckReport> {
  const start = performance.now();
  const bounds = { start, earliest: start + min, latest: start + max };
  return new LameDuck(servers, bounds, fence).wait(NEVER);
}

suite("lame duck", { concurrency: true }, () => {
  test("it ends once the quiet is conclusive", async () => {
    const { endedBy, durationMs } = await wait([server(visitedEvery(5))], 10, 20_000);
    assert.equal(endedBy, "evidence");
    assert.ok(durationMs >= 1_000 && durationMs < 20_000);
  });

  test("all servers that had visitors must be quiet; one that had none does not count", async () => {
    const silent = server(new Arrivals(performance.now() - 60_000));
    const busy = server(visitedEvery(5));
    const { endedBy, servers } = await wait([busy, silent], 10, 20_000);
    assert.equal(endedBy, "evidence");
    assert.equal(servers[1]?.neededMs, null);

    const rare = server(visitedEvery(7_000));
    assert.equal((await wait([busy, rare], 10, 1_500)).endedBy, "maximum");
  });

  test("a server that nobody visits before the drain, and somebody during it, waits for the maximum", async () => {
    const silent = server(new Arrivals(performance.now() - 60_000));
    const waiting = wait([server(visitedEvery(5)), silent], 10, 1_500);
    silent.arrivals.add(performance.now());
    const { endedBy, servers } = await waiting;
    assert.equal(endedBy, "maximum");
    assert.equal(servers[1]?.arrivals, 1);
  });

  test("without visitors, or without a server, it waits for the maximum", async () => {
    const silent = server(new Arrivals(performance.now() - 60_000));
    const [none, nobody] = await Promise.all([wait([], 10, 100), wait([silent], 10, 100)]);
    assert.equal(none.endedBy, "maximum");
    assert.deepEqual(none.servers, []);
    assert.equal(nobody.endedBy, "maximum");
  });

  test("a client that waits holds it, and the quiet begins when it is answered", async () => {
    const held = server(visitedEvery(5));
    held.quietSince = Number.POSITIVE_INFINITY;
    const start = performance.now();
    const bounds = { start, earliest: start + 10, latest: start + 20_000 };
    const lameDuck = new LameDuck([held], bounds, fence);
    const waiting = lameDuck.wait(NEVER);
    await sleep(1_200);
    held.quietSince = performance.now();
    const answered = held.quietSince - start;
    lameDuck.responseEnded();
    const { endedBy, durationMs, servers } = await waiting;
    assert.equal(endedBy, "evidence");
    // Figures are rounded.
    assert.ok(durationMs >= answered + (servers[0]?.neededMs ?? 0) - 1);
  });
});

/** A real server whose past is made up. */
async function attached(t: TestContext, arrivals: Arrivals) {
  const own = http.createServer((_req, res) => res.end("ok"));
  const it = new AttachedServer(own, {
    fence,
    listens: true,
    endsEventStreams: false,
    timeouts: {
      idle: 1_000,
      head: 1_000,
      body: 1_000,
      send: 1_000,
      sendServing: 1_000,
      goodbye: 1_000,
    },
    closeSpread: 0,
    currentSignal: false,
    isLongLived: undefined,
    probes: undefined,
    isGivenBack: () => false,
    came: () => {},
    went: () => {},
    gone: () => {},
    toldToListen: () => {},
    ended: () => {},
    stalled: () => {},
    beforeClose: () => {},
    socketGone: () => {},
    foreignClose: () => {},
    foreignCut: () => {},
  });
  t.after(() => {
    it.cut();
    it.release();
    own.close();
  });
  const port = await listen(own);
  it.visits.arrivals = arrivals;
  return { it, port };
}

test("a blocked event loop is not taken for quiet: who waits in the kernel is seen first", async (t) => {
  const { it, port } = await attached(t, visitedEvery(5));
  const waiting = wait([it.visits], 10, 20_000);
  await sleep(100);
  const begun = performance.now();
  // The kernel takes them, and nobody else does until the loop turns again.
  const connecting = Array.from({ length: 10 }, () => connect({ port }));
  while (performance.now() < begun + 1_100);
  const wires = await Promise.all(connecting);
  await Promise.all(wires.map((wire) => wire.get("/")));
  for (const wire of wires) {
    assert.equal((await wire.response()).status, 200);
    wire.close();
  }
  const { endedBy, durationMs, servers } = await waiting;
  assert.equal(endedBy, "evidence");
  assert.equal(servers[0]?.arrivals, 10);
  assert.ok(durationMs >= 100 + 1_100 + 1_000, `ended after ${durationMs} ms, in the stall`);
});

test("TCP checks, which connect and say nothing, are nobody", async (t) => {
  const { it, port } = await attached(t, visitedEvery(5));
  const waiting = wait([it.visits], 10, 20_000);
  for (let checks = 0; checks < 10; checks++) {
    (await connect({ port })).close();
    await sleep(50);
  }
  const { endedBy, servers } = await waiting;
  assert.equal(endedBy, "evidence");
  assert.equal(servers[0]?.arrivals, 0);
  assert.equal(it.accepted, 10);
});

interface Asking {
  readonly periods: readonly number[];
  readonly fall?: number;
  readonly max?: number;
  /** For so long they have asked before the lame duck begins, in ms. */
  readonly up?: number;
}

/** A lame duck of a server that few visit, with balancers at addresses of their own. */
async function probed({ periods, fall = 2, max = 8_000, up = 1_500 }: Asking) {
  const probers = new Probers(fall);
  const start = performance.now();
  const timers = periods.map((period, index) => {
    const asker = { address: `10.0.0.${index}`, agent: "check" };
    for (let at = start - up; at < start; at += period) probers.asked(asker, true, at);
    return setInterval(() => probers.asked(asker, false, performance.now()), period);
  });
  const bounds = { start, earliest: start + 10, latest: start + max };
  const report = await new LameDuck([server(visitedEvery(7_000))], bounds, fence, { probers }).wait(
    NEVER,
  );
  for (const timer of timers) clearInterval(timer);
  return report;
}

suite("balancers that ask for readiness", { concurrency: true }, () => {
  test("have let go once each was answered 503 as often as they need", async () => {
    const { endedBy, durationMs, probers } = await probed({ periods: [200] });
    assert.equal(endedBy, "probes");
    assert.ok(durationMs > 700 && durationMs < 4_000, `${durationMs} ms`);
    assert.ok((probers[0]?.unready ?? 0) >= 2);
  });

  test("(control) without them nothing tells, and it lasts to the maximum", async () => {
    const { endedBy } = await probed({ periods: [], max: 2_000 });
    assert.equal(endedBy, "maximum");
  });

  test("none is overheard: it lasts for the slowest", async () => {
    const { endedBy, durationMs } = await probed({ periods: [100, 900], up: 3_500 });
    assert.equal(endedBy, "probes");
    assert.ok(durationMs >= 2 * 900 - 900, `${durationMs} ms`);
  });

  test("one that is too slow for the maximum keeps it to the maximum", async () => {
    const { endedBy } = await probed({ periods: [100, 1_200], up: 4_000, max: 1_500, fall: 3 });
    assert.equal(endedBy, "maximum");
  });

  test("one that asked once is not forgotten; one that has stopped asking is", async () => {
    const probers = new Probers(2);
    probers.asked({ address: "10.0.0.1", agent: "once" }, true, performance.now());
    assert.equal(probers.watch(performance.now()).length, 1);
    assert.equal(probers.watch(performance.now() + 31_000).length, 0);
    const other = new Probers(2);
    const last = performance.now();
    for (const ago of [400, 300, 200, 100, 0]) {
      other.asked({ address: "10.0.0.2", agent: "often" }, true, last - ago);
    }
    assert.equal(other.watch(last).length, 1);
    assert.equal(other.watch(last + 29_000).length, 0);
  });

  test("a thousand addresses that asked once take no more room than thirty-two", () => {
    const probers = new Probers(2);
    for (let index = 0; index < 1_000; index++) {
      probers.asked(
        { address: `10.0.${index >> 8}.${index & 255}`, agent: "" },
        true,
        performance.now(),
      );
    }
    assert.equal(probers.watch(performance.now()).length, 32);
  });
});
