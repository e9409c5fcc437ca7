import assert from "node:assert/strict";
import { after, test, type TestContext } from "node:test";

import { Queue, Worker } from "bullmq";
import { lastcall } from "lastcall";

import { QUIET } from "../harness/serve.js";
import { assertOnce, describe, roll, type Rolled } from "./rolling.js";
import { startRedis } from "./servers/redis.js";

const { host, port } = await startRedis({ after });

async function rollBullmq(t: TestContext, isPlain: boolean): Promise<Rolled> {
  const queue = new Queue("jobs", { connection: { host, port } });
  queue.on("error", () => {});
  t.after(() => queue.close());
  return roll(t, {
    fixture: "brokers/bullmq-worker",
    args: [String(port)],
    isPlain,
    isShared: (members) => members.every(({ stdout }) => stdout.includes("joined")),
    // What a worker had in hand when it exited is active until its lock has expired.
    async isDone() {
      const { active = 0, waiting = 0 } = await queue.getJobCounts("active", "waiting");
      return active + waiting === 0;
    },
    async send(ids) {
      await queue.addBulk(ids.map((id) => ({ name: "job", data: { id } })));
    },
  });
}

test("bullmq: two workers are restarted one after the other, and each job is run once", async (t) => {
  const rolled = await rollBullmq(t, false);
  t.diagnostic(describe(rolled));
  assertOnce(rolled);
});

test("bullmq (control: workers that exit have jobs run twice, when their locks have expired)", async (t) => {
  const rolled = await rollBullmq(t, true);
  t.diagnostic(describe(rolled));
  assert.equal(rolled.done, rolled.sent);
  assert.ok(rolled.effects > rolled.sent, describe(rolled));
});

for (const stage of ["draining", "stopping"] as const) {
  const isLate = stage === "draining";
  const title = isLate
    ? "bullmq: a worker that is closed in the stage `draining` takes jobs while balancers notice, and finishes what it has"
    : "bullmq (control: one that is closed when the drain begins leaves the jobs of the lame duck)";
  test(title, async (t) => {
    const connection = { host, port, maxRetriesPerRequest: null };
    const queue = new Queue(`stage-${stage}`, { connection });
    t.after(() => queue.close());
    const begun = new Map<string, () => void>();
    const beginning = (id: string): Promise<void> => {
      return new Promise((resolve) => begun.set(id, resolve));
    };
    let finish!: () => void;
    const finished = new Promise<void>((resolve) => (finish = resolve));
    const worker = new Worker(
      queue.name,
      async ({ data }: { data: { id: string } }) => {
        begun.get(data.id)?.();
        if (data.id === "slow") await finished;
      },
      { connection, concurrency: 2 },
    );
    t.after(() => worker.close());
    await worker.waitUntilReady();
    const service = lastcall({ ...QUIET, lameDuck: { min: 3_000, max: 3_000 } });
    t.after(() => service.abort());
    let closed = Promise.resolve();
    if (isLate) service.hook("worker", () => worker.close(), { stage });
    else {
      service.hook("nothing", () => {}, { stage: "draining" });
      service.stopping.addEventListener("abort", () => {
        closed = worker.close();
      });
    }
    const drained = service.drain();
    await closed;
    assert.equal(service.phase, "lame-duck");
    const [during, slow] = [beginning("during"), beginning("slow")];
    await queue.add("job", { id: "during" });
    if (isLate) await during;
    await queue.add("job", { id: "slow" });
    if (isLate) await slow;
    const hook = new Promise((resolve) => service.on("hook-start", resolve));
    await hook;
    finish();
    const { outcome, hooks } = await drained;

    assert.equal(outcome, "clean");
    assert.equal(hooks[0]?.result, "done");
    const { completed, waiting, active } = await queue.getJobCounts();
    assert.deepEqual([completed, waiting, active], isLate ? [2, 0, 0] : [0, 2, 0]);
  });
}
