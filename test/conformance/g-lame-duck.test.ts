import assert from "node:assert/strict";
import { suite, test, type TestContext } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";

import type { DrainReport, LameDuckReport, LastcallOptions } from "lastcall";

import { Hold } from "../harness/hold.js";
import { serve, type Served } from "../harness/serve.js";
import { Visitors } from "../harness/visitors.js";
import { connect } from "../harness/wire.js";

/** A rate is known from here on: three whole slots of two seconds, and what the load needs to begin. */
const LONG_ENOUGH = 6_500;

/** Generous, so that a slow machine ends on evidence too. */
const ROOMY: LastcallOptions = { gracePeriod: 60_000, probes: true };

interface Visited extends Served {
  clients: Visitors;
  /** Requests on new connections that were served during the lame duck. */
  served: () => number;
}

/** A service that clients visit, sixty times a second or so, each time on a new connection. */
async function visited(t: TestContext, options: LastcallOptions): Promise<Visited> {
  let served = 0;
  const it = await serve(
    t,
    (_req, res) => {
      if (it.service.phase === "lame-duck") served++;
      res.end("ok");
    },
    { ...ROOMY, ...options },
  );
  const clients = new Visitors(it.target, 15);
  t.after(() => clients.stop());
  return { ...it, clients, served: () => served };
}

function lameDuckOf(report: DrainReport): LameDuckReport {
  assert.ok(report.lameDuck);
  return report.lameDuck;
}

suite("65. lame duck", { concurrency: true }, () => {
  test("65. lame duck ends early on evidence; probes do not count; nobody is refused", async (t) => {
    const max = 25_000;
    const { service, target, clients, served } = await visited(t, { lameDuck: { min: 200, max } });
    const probes = new Visitors(target, 40, "/livez");
    t.after(() => probes.stop());
    const ends: LameDuckReport[] = [];
    service.on("lame-duck-end", ({ endedBy, durationMs, servers, probers }) =>
      ends.push({ endedBy, durationMs, servers, probers }),
    );
    await sleep(LONG_ENOUGH);

    const drained = service.drain();
    await sleep(1_000); // the balancer's lag
    const visits = await clients.stop();
    const probedBefore = probes.visits.answered;
    const report = await drained;

    const lameDuck = lameDuckOf(report);
    t.diagnostic(JSON.stringify(lameDuck));
    assert.equal(lameDuck.endedBy, "evidence");
    assert.deepEqual(ends, [lameDuck]);
    assert.ok(lameDuck.durationMs >= 1_000 && lameDuck.durationMs < max);
    const [figures] = lameDuck.servers;
    assert.ok(figures?.neededMs);
    assert.ok(figures.quietMs >= figures.neededMs, "the quiet was conclusive");
    assert.ok(figures.ratePerSecond > 0 && figures.ratePerSecond < 70);
    assert.equal(figures.arrivals, served(), "clients are counted, probes are not");
    assert.equal(visits.refused, 0);
    assert.ok(probes.visits.answered > probedBefore, "probes went on while it was quiet");
    assert.equal(report.outcome, "clean");
  });

  test("65. lame duck ends never before its minimum, however quiet it is", async (t) => {
    const lameDuck = { min: 3_500, max: 25_000 };
    const { service, clients } = await visited(t, { lameDuck });
    await sleep(LONG_ENOUGH);
    await clients.stop();

    const { endedBy, durationMs, servers } = lameDuckOf(await service.drain());
    assert.ok(durationMs >= 3_500);
    const needed = servers[0]?.neededMs ?? Number.POSITIVE_INFINITY;
    assert.equal(endedBy, needed <= 3_500 ? "minimum" : "evidence");
  });

  test("65. lame duck does not end while a client waits, for who is answered comes again", async (t) => {
    const hold = new Hold();
    const { service, target } = await serve(
      t,
      (req, res) => {
        if (req.url === "/slow") hold.app(req, res);
        else res.end("ok");
      },
      { ...ROOMY, lameDuck: { min: 200, max: 25_000 } },
    );
    const clients = new Visitors(target, 15);
    t.after(() => clients.stop());
    await sleep(LONG_ENOUGH);
    await clients.stop();
    const wire = await connect(target);
    await wire.get("/slow");
    const { res } = await hold.next();

    const drained = service.drain();
    const begun = performance.now();
    await sleep(3_000);
    assert.equal(service.phase, "lame-duck");
    const answered = performance.now() - begun;
    res.end("at last");
    const { endedBy, durationMs, servers } = lameDuckOf(await drained);
    const needed = servers[0]?.neededMs ?? Number.POSITIVE_INFINITY;
    assert.equal(endedBy, "evidence");
    // Rounded figures, and two clocks read one after the other.
    assert.ok(durationMs >= answered + needed - 5, `${durationMs}, ${answered} + ${needed}`);
  });

  test("65. lame duck ends never after its maximum, however many come", async (t) => {
    const { service, clients } = await visited(t, { lameDuck: { min: 100, max: 1_000 } });
    const closed = new Promise<number>((resolve) => {
      service.on("listeners-closed", ({ atMs }) => resolve(atMs));
    });
    const { lameDuck } = await service.drain();
    assert.equal(lameDuck?.endedBy, "maximum");
    assert.ok(lameDuck.durationMs >= 1_000);
    // Emptying the accept queue has a cap of its own.
    assert.ok((await closed) < 5_000);
    const { answered } = await clients.stop();
    assert.ok(answered > 0);
  });

  test("65. lame duck of a service that only probes visit waits for its maximum", async (t) => {
    const { service, target } = await serve(t, (_req, res) => res.end(), {
      ...ROOMY,
      lameDuck: { min: 50, max: 700 },
    });
    const probes = new Visitors(target, 15, "/readyz");
    t.after(() => probes.stop());
    await sleep(500);
    const { endedBy, durationMs, servers } = lameDuckOf(await service.drain());
    assert.equal(endedBy, "maximum");
    assert.ok(durationMs >= 700);
    assert.equal(servers[0]?.arrivals, 0);
    assert.equal(servers[0]?.neededMs, null);
    assert.ok(probes.visits.answered > 0);
  });

  test("65. (control: a fixed sleep that is shorter than the balancer's lag refuses clients)", async (t) => {
    const { service, clients } = await visited(t, { lameDuck: { min: 200, max: 200 } });
    await sleep(300);
    const closed = new Promise((resolve) => service.on("listeners-closed", resolve));
    const drained = service.drain();
    await closed;
    await sleep(800); // the lag is longer than the sleep, however late a busy machine closes
    const { answered, refused } = await clients.stop();
    await drained;
    t.diagnostic(`fixed sleep of 200 ms, lag 800 ms longer: ${refused} refused`);
    assert.ok(answered > 0);
    assert.ok(refused > 0);
  });
});

test("65. a lame duck is cut short by abort()", async (t) => {
  const { service } = await serve(t, (_req, res) => res.end(), {
    ...ROOMY,
    lameDuck: { min: 20_000, max: 20_000 },
  });
  const drained = service.drain();
  assert.equal(service.phase, "lame-duck");
  void service.abort();
  const lameDuck = lameDuckOf(await drained);
  assert.equal(lameDuck.endedBy, "abort");
});

test("65. a minimum above the maximum is refused at start-up", async (t) => {
  const options = { gracePeriod: 30_000, lameDuck: { min: 6_000, max: 5_000 } };
  await assert.rejects(
    serve(t, () => {}, options),
    {
      code: "ERR_LASTCALL_BUDGET",
      message: /`lameDuck\.min` to be at most `lameDuck\.max`, 5000 ms, got 6000 ms/,
    },
  );
});
