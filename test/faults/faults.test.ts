import assert from "node:assert/strict";
import { suite, test } from "node:test";

import { EXIT_CODES } from "lastcall";

import { OWN, TOGETHER, TOUCHED, type Expected } from "./expected.js";
import { findPlaces, placesIn } from "./places.js";
import { stopWithFault, type Injection, type Stopped } from "./stop-with-fault.js";

const found = findPlaces();
const rows: Readonly<Record<string, Expected>> = { ...TOUCHED, ...OWN };

test("every place where the fence stands has its row, once, and every row its place", () => {
  const names = found.map(({ name }) => name).toSorted();
  assert.deepEqual(names, Object.keys(rows).toSorted());
  const isTouched = new Set(["ask", "askNode", "invoke", "settle"]);
  for (const { method, name } of found) assert.equal(name in TOUCHED, isTouched.has(method), name);
});

test("(control: a new place in the source is found)", () => {
  const text = `this.#fence.ask("new", run, 1); fence.attempt(\n  "other", run); const fence = 1;`;
  const places = placesIn("a.ts", text).map(({ method, name }) => `${method} ${name}`);
  assert.deepEqual(places, ["ask new", "attempt other"]);
});

/** How late the end may be seen on a busy machine, in ms; the process is killed at its deadline. */
const LATE = 3_000;

function check(stopped: Stopped, { code, outcome, isLost, isHookLost }: Expected): void {
  const { report, stderr } = stopped;
  assert.deepEqual(stopped.missed, [], "not every place was reached");
  assert.equal(report?.outcome, outcome, stderr);
  assert.equal(stopped.code, code, stderr);
  const gracePeriod = report?.budget.gracePeriodMs ?? 12_000;
  assert.ok(stopped.tookMs < gracePeriod + LATE, `${stopped.tookMs} ms`);
  assert.equal(stopped.hasHookRun, isHookLost !== true, "hook");
  if (isLost) assert.notEqual(code, EXIT_CODES.clean);
  else assert.deepEqual(stopped.answers, Array(4).fill("answered"), stderr);
}

const isNever = ({ stop }: Expected): boolean => stop === "never";

suite("controls: without a fault", { concurrency: 2 }, () => {
  const none: Omit<Injection, "isNever"> = { mode: "none", places: [] };
  test("clean, and 0", async (t) => {
    const stopped = await stopWithFault(t, { ...none, isNever: false });
    check(stopped, { stop: "calm", code: 0, outcome: "clean" });
    assert.deepEqual(stopped.report?.errors, []);
  });

  test("what never ends is aborted, and nothing else", async (t) => {
    const stopped = await stopWithFault(t, { ...none, isNever: true });
    check(stopped, { stop: "never", code: 124, outcome: "aborted" });
    assert.deepEqual(stopped.report?.errors, []);
  });
});

suite("what is the application's throws wherever it is touched", { concurrency: 5 }, () => {
  for (const places of TOGETHER) {
    for (const mode of ["throw", "odd"] as const) {
      test(`${places.length} places at once (${mode}): all is answered, clean, 0`, async (t) => {
        const stopped = await stopWithFault(t, { mode, places, isNever: false });
        check(stopped, { stop: "calm", code: 0, outcome: "clean" });
        // In the report, or where it belongs to no service as a warning of the process.
        assert.match(stopped.stderr, /application-threw/);
        assert.deepEqual(stopped.report?.errors, []);
      });
    }
  }

  const alone = Object.entries(TOUCHED).filter(([name]) => !TOGETHER.flat().includes(name));
  for (const [name, expected] of alone) {
    test(`${name}: ${expected.outcome}, ${expected.code}`, async (t) => {
      const injection: Injection = { mode: "throw", places: [name], isNever: isNever(expected) };
      check(await stopWithFault(t, injection), expected);
    });
  }

  for (const name of ["hook", "task"]) {
    for (const mode of ["reject", "hang"] as const) {
      test(`${name} that ${mode}s`, async (t) => {
        const expected = TOUCHED[name]!;
        const stopped = await stopWithFault(t, { mode, places: [name], isNever: true });
        check(stopped, expected);
      });
    }
  }

  for (const mode of ["reject", "hang", "odd"] as const) {
    test(`registry that ${mode}s: a warning, and the deadline stays`, async (t) => {
      const stopped = await stopWithFault(t, { mode, places: ["registry"], isNever: false });
      check(stopped, TOUCHED["registry"]!);
      const { registries = [], warnings = [] } = stopped.report ?? {};
      assert.equal(registries[0]?.result, mode === "hang" ? "timeout" : "failed");
      assert.ok(warnings.some(({ code }) => code === "registry-failed"));
    });
  }
});

suite("what is lastcall's own throws", { concurrency: 5 }, () => {
  for (const [name, expected] of Object.entries(OWN)) {
    test(`${name}: ${expected.outcome}, ${expected.code}`, async (t) => {
      const mode = expected.isOnce ? "once" : "throw";
      const places = [name, ...(expected.also ?? [])];
      const stopped = await stopWithFault(t, { mode, places, isNever: isNever(expected) });
      check(stopped, expected);
      if (expected.outcome !== "failed") return;
      const { errors = [] } = stopped.report ?? {};
      const own = errors.find(({ step }) => step.startsWith(name));
      assert.match(own?.at ?? "", /faults\.js:\d+$/, stopped.stderr);
    });
  }
});

suite("a step of the drain that never ends is left at its window", { concurrency: 5 }, () => {
  const steps = found.filter(({ method }) => method === "step").map(({ name }) => name);
  for (const name of steps) {
    test(name, async (t) => {
      const stopped = await stopWithFault(t, { mode: "hang", places: [name], isNever: true });
      check(stopped, {
        ...OWN[name],
        stop: "never",
        code: OWN[name]?.code ?? null,
        outcome: "failed",
      });
    });
  }
});
