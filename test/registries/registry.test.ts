import assert from "node:assert/strict";
import http from "node:http";
import { suite, test, type TestContext } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";

import {
  lastcall,
  type LastcallOptions,
  type RegistryCalls,
  type RegistryOptions,
  type Service,
} from "lastcall";

import { Hold } from "../harness/hold.js";
import { listen, QUIET } from "../harness/serve.js";
import { connect, tryConnect, withResolvers, type Target } from "../harness/wire.js";

interface Rig {
  readonly service: Service;
  readonly target: Target;
  /** What was called, in its order, with when. */
  readonly calls: { name: string; at: number }[];
  names(): string[];
}

/** What a wait may take at most on a machine that does other things too, in ms: the stop would hang for far longer. */
const BUSY = 10_000;

const never = (): Promise<never> => new Promise(() => {});

/** A service in one registry, whose calls are written down. */
async function enter(
  t: TestContext,
  functions: RegistryCalls,
  options: RegistryOptions = {},
  settings: LastcallOptions = {},
): Promise<Rig> {
  const service = lastcall({ ...QUIET, lameDuck: { min: 100, max: 100 }, ...settings });
  const calls: Rig["calls"] = [];
  const written = Object.fromEntries(
    Object.entries(functions).map(([name, run]: [string, (...args: never[]) => unknown]) => [
      name,
      (...args: never[]) => {
        calls.push({ name, at: performance.now() });
        return run(...args);
      },
    ]),
  ) as unknown as RegistryCalls;
  service.registry("registry", written, options);
  const server = service.attach(http.createServer((_req, res) => res.end("ok")));
  // Given back to its owner where the test has uninstalled the service.
  t.after(async () => {
    if (server.listening) server.close();
    await Promise.resolve()
      .then(() => service.abort())
      .catch(() => {});
  });
  const target = { port: await listen(server) };
  return { service, target, calls, names: () => calls.map(({ name }) => name) };
}

/** Resolves once it holds. */
async function eventually(holds: () => boolean): Promise<void> {
  while (!holds()) await sleep(5);
}

suite("a registry", { concurrency: true }, () => {
  test("is entered when the service is ready, and not before", async (t) => {
    const service = lastcall(QUIET);
    t.after(() => service.abort());
    const entered = withResolvers<string>();
    service.registry("registry", { enter: () => entered.resolve(service.phase), leave: () => {} });
    const start = withResolvers<void>();
    void service.starting(start.promise);
    const server = service.attach(http.createServer());
    await listen(server);
    await sleep(20);
    assert.equal(service.phase, "starting");
    start.resolve();
    assert.equal(await entered.promise, "ready");
  });

  test("is entered again until that succeeds, later each time, and warned of once", async (t) => {
    let failures = 3;
    const entered = withResolvers<void>();
    const warnings: string[] = [];
    const run = (): void => {
      if (failures-- > 0) throw new Error("no leader");
      entered.resolve();
    };
    const rig = await enter(t, { enter: run, leave: () => {} });
    rig.service.on("warning", ({ code, message }) => warnings.push(`${code} ${message}`));
    await entered.promise;
    const at = rig.calls.map((call) => call.at);
    assert.equal(at.length, 4);
    const [first = 0, , third = 0] = at.slice(1).map((each, index) => each - (at[index] ?? 0));
    assert.ok(first >= 99 && third > 399, `${first} ${third}`);
    const { warnings: told, registries } = await rig.service.drain();
    assert.equal(told.filter(({ code }) => code === "registry-failed").length, 1);
    assert.equal(registries[0]?.result, "left");
  });

  test("hears of the service every third of ttl; enters it again when a beat fails", async (t) => {
    let lost = false;
    const beat = (): void => {
      if (lost) {
        lost = false;
        throw new Error("lease not found");
      }
    };
    const rig = await enter(t, { enter: () => {}, beat, leave: () => {} }, { ttl: 150 });
    const count = (name: string): number => rig.names().filter((each) => each === name).length;
    await eventually(() => count("beat") === 4);
    const beats = rig.calls.filter(({ name }) => name === "beat").map(({ at }) => at);
    assert.ok((beats[3] ?? 0) - (beats[0] ?? 0) >= 145, "three thirds");
    lost = true;
    await eventually(() => count("enter") === 2);
    await eventually(() => rig.names().at(-1) === "beat");
  });

  test("hears nothing once the stop has begun: the beat under way is told to give up, and leave comes after it", async (t) => {
    const order: string[] = [];
    const beating = withResolvers<void>();
    const beat = async ({ signal }: { signal: AbortSignal }): Promise<void> => {
      beating.resolve();
      await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve()));
      await sleep(50);
      order.push("beat over");
    };
    const leave = (): void => void order.push("leave");
    const rig = await enter(t, { enter: () => {}, beat, leave }, { ttl: 60, settle: 300 });
    await beating.promise;
    await rig.service.drain();
    assert.deepEqual(order, ["beat over", "leave"]);
    assert.equal(rig.names().filter((name) => name === "beat").length, 1);
  });

  test("a beat that does not give up delays the leave by half a second, and it is left again when that one ends", async (t) => {
    const beating = withResolvers<void>();
    const late = withResolvers<void>();
    const beat = (): Promise<void> => {
      beating.resolve();
      return late.promise;
    };
    const options = { ttl: 150, settle: 1_000 };
    const rig = await enter(t, { enter: () => {}, beat, leave: () => {} }, options);
    await beating.promise;
    const signalled = performance.now();
    const drained = rig.service.drain();
    const leaves = () => rig.calls.filter(({ name }) => name === "leave");
    await eventually(() => leaves().length === 1);
    const after = (leaves()[0]?.at ?? 0) - signalled;
    assert.ok(after > 490 && after < BUSY, `${after} ms`);
    late.resolve();
    await eventually(() => leaves().length === 2);
    assert.equal((await drained).registries[0]?.result, "left");
  });

  test("readers have settle after the last leave, whatever the lame duck", async (t) => {
    const left = withResolvers<void>();
    const rig = await enter(t, { leave: () => left.promise }, { settle: 400 });
    rig.service.registry("quick", { leave: () => {} }, { settle: 0 });
    const closed = withResolvers<number>();
    rig.service.on("listeners-closed", () => closed.resolve(performance.now()));
    const drained = rig.service.drain();
    await sleep(300);
    assert.equal(await tryConnect(rig.target), "connected");
    const leftAt = performance.now();
    left.resolve();
    const served = (await closed.promise) - leftAt;
    assert.ok(served >= 395 && served < BUSY, `${served} ms`);
    const { lameDuck, outcome } = await drained;
    assert.deepEqual([lameDuck?.endedBy, outcome], ["registries", "clean"]);
  });

  test("(control) nothing to leave: the lame duck ends as it would without", async (t) => {
    const rig = await enter(t, { enter: never, leave: () => {} }, { settle: 5_000 });
    const other = lastcall({ ...QUIET, lameDuck: { min: 100, max: 100 } });
    other.registry("never", { enter: () => {}, leave: () => assert.fail("not entered") });
    const drained = other.drain();
    assert.equal((await drained).registries[0]?.result, "never-entered");
    await rig.service.abort();
  });

  for (const [what, leave] of Object.entries({
    fails: () => Promise.reject(new Error("500")),
    hangs: never,
  })) {
    test(`a leave that ${what} counts as the time its entry takes to expire; the outcome stays clean`, async (t) => {
      const times = { ttl: 900, settle: 100, timeout: 150 };
      const rig = await enter(t, { enter: () => {}, beat: () => {}, leave }, times);
      await eventually(() => rig.names().includes("beat"));
      const heard = rig.calls.at(-1)?.at ?? 0;
      let closedAt = 0;
      rig.service.on("listeners-closed", () => (closedAt = performance.now()));
      const { outcome, registries, warnings } = await rig.service.drain();
      const kept = closedAt - heard;
      assert.ok(kept >= 995 && kept < BUSY, `${kept} ms after the last beat`);
      assert.deepEqual(
        [outcome, registries[0]?.result, warnings.map(({ code }) => code)],
        ["clean", what === "hangs" ? "timeout" : "failed", ["registry-failed"]],
      );
    });
  }

  test("a leave that fails at first is tried again within its time", async (t) => {
    let failures = 1;
    const leave = (): void => {
      if (failures-- > 0) throw new Error("lost leadership");
    };
    const rig = await enter(t, { enter: () => {}, leave }, { settle: 0 });
    await eventually(() => rig.names().includes("enter"));
    const { registries, warnings } = await rig.service.drain();
    assert.deepEqual(rig.names(), ["enter", "leave", "leave"]);
    assert.deepEqual([registries[0]?.result, registries[0]?.error], ["left", undefined]);
    assert.deepEqual(warnings, []);
  });

  test("what registers it again is seen and left once more, and warned of; readers have their time after that", async (t) => {
    let looks = 0;
    let isListed = true;
    const leave = (): void => void (isListed = false);
    const isGone = (): boolean => {
      looks += 1;
      // A heartbeat that lastcall is not told of, after it was gone.
      if (looks === 2) isListed = true;
      return !isListed;
    };
    const rig = await enter(t, { enter: () => {}, leave, isGone }, { settle: 500 });
    await eventually(() => rig.names().includes("enter"));
    const { registries, warnings, outcome } = await rig.service.drain();
    assert.equal(isListed, false);
    assert.deepEqual(
      [outcome, registries[0]?.reentered, warnings.map(({ code }) => code)],
      ["clean", 1, ["registry-reentered"]],
    );
    const leaves = rig.calls.filter(({ name }) => name === "leave");
    assert.equal(leaves.length, 2);
  });

  test("(control) one that stays out is left once, and says when it was gone", async (t) => {
    const rig = await enter(t, { leave: () => {}, isGone: () => true }, { settle: 300 });
    const { registries, warnings } = await rig.service.drain();
    assert.deepEqual(warnings, []);
    assert.equal(rig.names().filter((name) => name === "leave").length, 1);
    assert.equal(typeof registries[0]?.goneMs, "number");
  });

  test("a registry that answers no question, or with an error, holds nothing up, and is warned of once", async (t) => {
    const rig = await enter(t, { leave: () => {}, isGone: never }, { settle: 400, timeout: 100 });
    const isGone = (): never => {
      throw new Error("no");
    };
    rig.service.registry("throws", { leave: () => {}, isGone }, { settle: 400 });
    const begun = performance.now();
    const { outcome, warnings } = await rig.service.drain();
    assert.equal(outcome, "clean");
    const told = warnings.map(({ code, message }) => `${code} ${message}`).toSorted();
    assert.equal(told.length, 2, told.join("; "));
    assert.match(
      told[0] ?? "",
      /^registry-failed Registry `[\w-]+`: isGone: .* did not end within \d+ ms/,
    );
    assert.equal(told[1], "registry-failed Registry `throws`: isGone: no");
    assert.ok(performance.now() - begun < BUSY);
  });

  test("abort() cuts a leave short", async (t) => {
    const rig = await enter(t, { leave: never });
    const drained = rig.service.drain();
    await eventually(() => rig.names().includes("leave"));
    const report = await rig.service.abort();
    assert.equal(report, await drained);
    assert.deepEqual([report.outcome, report.registries[0]?.result], ["aborted", "aborted"]);
    assert.deepEqual(report.warnings, []);
  });

  test("a service that is not ready any more leaves, and enters again when it is", async (t) => {
    const rig = await enter(t, { enter: () => {}, leave: () => {} });
    await eventually(() => rig.names().includes("enter"));
    const server = rig.service.attach(http.createServer());
    const port = await listen(server);
    rig.service.detach(server);
    server.close();
    assert.deepEqual(rig.names(), ["enter"], "the other one serves still");
    assert.notEqual(port, rig.target.port);
  });

  test("uninstall() leaves it, and no beat comes any more", async (t) => {
    const rig = await enter(t, { enter: () => {}, beat: () => {}, leave: () => {} }, { ttl: 60 });
    await eventually(() => rig.names().includes("beat"));
    rig.service.uninstall();
    await eventually(() => rig.names().includes("leave"));
    const { length } = rig.calls;
    await sleep(100);
    assert.equal(rig.calls.length, length);
  });

  test("Ctrl-C and lameDuck: false leave it and wait for no reader", async (t) => {
    const rig = await enter(t, { leave: () => {} }, {}, { lameDuck: false });
    const { registries, durationMs, lameDuck } = await rig.service.drain();
    assert.deepEqual([registries[0]?.result, lameDuck], ["left", null]);
    assert.ok(durationMs < BUSY);
  });

  test("readers of a registry make a lame duck by themselves", async (t) => {
    const rig = await enter(t, { leave: () => {} }, { settle: 200 }, { lameDuck: false });
    const { lameDuck } = await rig.service.drain();
    assert.equal(lameDuck?.endedBy, "registries");
    assert.ok((lameDuck?.durationMs ?? 0) >= 195);
  });

  test("work in flight goes on beside a leave that hangs, and is answered", async (t) => {
    const hold = new Hold();
    const service = lastcall({ ...QUIET, lameDuck: { min: 50, max: 50 } });
    t.after(() => service.abort());
    service.registry("hangs", { leave: never }, { timeout: 200 });
    const target = { port: await listen(service.attach(http.createServer(hold.app))) };
    const client = await connect(target);
    await client.get("/");
    const { res } = await hold.next();
    const drained = service.drain();
    res.end("ok");
    assert.equal((await client.response()).status, 200);
    assert.equal((await drained).outcome, "clean");
  });
});

test("times that do not fit are refused at once, with the sum", (t) => {
  const service = lastcall({ ...QUIET, gracePeriod: 10_000 });
  t.after(() => service.uninstall());
  const leave = (): void => {};
  const beat = leave;
  const refuses = (options: RegistryOptions, message: RegExp): void => {
    assert.throws(() => service.registry("r", { beat, leave }, options), {
      code: "ERR_LASTCALL_BUDGET",
      message,
    });
  };
  refuses({ ttl: 7_000 }, /`ttl`.* 7000 \+ `settle` 2000 = 9000 ms do not fit into the \d+ ms/);
  refuses({ ttl: 1_000, timeout: 6_000 }, /`timeout` 6000 \+ `settle` 2000/);
  refuses({ ttl: 1_000, settle: 7_000 }, /`settle` 7000/);
  assert.throws(() => service.registry("r", { beat, leave }, {}), {
    code: "ERR_LASTCALL_OPTION",
    message: /has a `beat` and no `ttl`/,
  });
  service.registry("r", { beat, leave }, { ttl: 3_000 });
});
