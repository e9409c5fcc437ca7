import assert from "node:assert/strict";
import { after, test, type TestContext } from "node:test";

import { Queue } from "bullmq";

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
