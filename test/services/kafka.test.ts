import assert from "node:assert/strict";
import http, { type RequestListener } from "node:http";
import { test, type TestContext } from "node:test";

import { Kafka, logLevel } from "kafkajs";
import { lastcall, type DrainReport } from "lastcall";
import { produce } from "lastcall/clients/kafkajs";

import type { Program } from "../harness/program.js";
import { listen, QUIET } from "../harness/serve.js";
import { connect } from "../harness/wire.js";
import { assertOnce, describe, roll, type Rolled } from "./rolling.js";
import { startKafka } from "./servers/kafka.js";

const PARTITIONS = 4;

/** The partitions that a member was given last. */
function partitionsOf({ stdout }: Program): number[] {
  const last = [...stdout.matchAll(/joined \d+ (.*);/g)].at(-1)?.[1] ?? "{}";
  return (JSON.parse(last) as { jobs?: number[] }).jobs ?? [];
}

async function rollKafka(t: TestContext, isPlain: boolean): Promise<Rolled> {
  const { broker } = await startKafka(t);
  const producer = new Kafka({ brokers: [broker], logLevel: logLevel.NOTHING }).producer();
  await producer.connect();
  t.after(() => producer.disconnect());
  // The topic is made by this.
  await producer.send({ topic: "jobs", messages: [{ value: "first", partition: 0 }] });
  const rolled = await roll(t, {
    fixture: "brokers/kafka-consumer",
    args: [broker],
    isPlain,
    isShared(members) {
      const shares = members.map(partitionsOf);
      const all = new Set(shares.flat());
      return all.size === PARTITIONS && shares.every(({ length }) => length === PARTITIONS / 2);
    },
    // To the partitions of the one that leaves: what another member has in hand while the group changes is
    // its own affair, and this broker in memory takes no commits then.
    async send(ids, to) {
      const partitions = partitionsOf(to);
      const messages = ids.map((value, index) => ({
        value,
        partition: partitions[index % partitions.length] as number,
      }));
      await producer.send({ topic: "jobs", messages });
    },
  });
  return { ...rolled, sent: rolled.sent + 1 };
}

test("kafkajs: two members are restarted one after the other, and each message is handled once", async (t) => {
  const rolled = await rollKafka(t, false);
  t.diagnostic(describe(rolled));
  assertOnce(rolled);
});

test("kafkajs (control: members that exit handle messages twice)", async (t) => {
  const rolled = await rollKafka(t, true);
  t.diagnostic(describe(rolled));
  assert.equal(rolled.done, rolled.sent);
  assert.ok(rolled.effects > rolled.sent, describe(rolled));
});

for (const stage of ["draining", "stopping"] as const) {
  const isLate = stage === "draining";
  const title = isLate
    ? "kafkajs: a consumer that is stopped in the stage `draining` takes messages while balancers notice, and finishes what it has"
    : "kafkajs (control: one that is stopped when the drain begins leaves the messages of the lame duck)";
  test(title, async (t) => {
    const { broker } = await startKafka(t);
    const kafka = new Kafka({ brokers: [broker], logLevel: logLevel.NOTHING });
    const producer = kafka.producer();
    await producer.connect();
    t.after(() => producer.disconnect());
    const consumer = kafka.consumer({ groupId: "stage", maxWaitTimeInMs: 100 });
    const begun = new Map<string, () => void>();
    const beginning = (id: string): Promise<void> => {
      return new Promise((resolve) => begun.set(id, resolve));
    };
    const send = (id: string): Promise<unknown> =>
      producer.send({ topic: "stage", messages: [{ value: id, partition: 0 }] });
    let finish!: () => void;
    const finished = new Promise<void>((resolve) => (finish = resolve));
    const done: string[] = [];
    const first = beginning("first");
    await send("first");
    await consumer.connect();
    t.after(() => consumer.disconnect());
    await consumer.subscribe({ topic: "stage", fromBeginning: true });
    await consumer.run({
      eachMessage: async ({ message }) => {
        const id = String(message.value);
        begun.get(id)?.();
        if (id === "slow") await finished;
        done.push(id);
      },
    });
    await first;
    const service = lastcall({
      ...QUIET,
      gracePeriod: 30_000,
      lameDuck: { min: 3_000, max: 3_000 },
    });
    t.after(() => service.abort());
    // `stop()` resolves when the message in hand is committed.
    let stopped = Promise.resolve();
    if (isLate) service.hook("consumer", () => consumer.stop(), { stage });
    else {
      service.hook("nothing", () => {}, { stage: "draining" });
      service.stopping.addEventListener("abort", () => {
        stopped = consumer.stop();
      });
    }
    const drained = service.drain();
    await stopped;
    assert.equal(service.phase, "lame-duck");
    const [during, slow] = [beginning("during"), beginning("slow")];
    await send("during");
    if (isLate) await during;
    await send("slow");
    if (isLate) await slow;
    await new Promise((resolve) => service.on("hook-start", resolve));
    finish();
    const { outcome, hooks } = await drained;

    assert.equal(outcome, "clean");
    assert.equal(hooks[0]?.result, "done");
    assert.deepEqual(done, isLate ? ["first", "during", "slow"] : ["first"]);
  });
}

test("kafkajs: messages that nobody waits for are sent before the producer is disconnected", async (t) => {
  const { broker, pid } = await startKafka(t);
  const kafka = new Kafka({ brokers: [broker], logLevel: logLevel.NOTHING });
  const producer = kafka.producer();
  await producer.connect();
  const service = lastcall({ ...QUIET, lameDuck: false });
  const tracked = produce(service, producer);
  const record = { topic: "outbox", messages: [{ value: "after the answer" }] };
  await tracked.send(record);
  const app: RequestListener = (_req, res) => {
    res.end("answered");
    void tracked.send(record);
  };
  const client = await connect({ port: await listen(service.attach(http.createServer(app))) });
  const drained: Promise<DrainReport>[] = [];
  // Until the drain is past its requests the broker takes nothing.
  await whileFrozen(pid, async () => {
    await client.get("/");
    await client.response();
    const closed = new Promise((resolve) => service.on("listeners-closed", resolve));
    drained.push(service.drain());
    await closed;
    assert.equal(service.phase, "draining");
  });
  const [report] = await Promise.all(drained);
  assert.deepEqual([report?.outcome, report?.tasks], ["clean", []]);
  assert.deepEqual(
    report?.hooks.map(({ name, result }) => [name, result]),
    [["kafka producer", "done"]],
  );
  assert.equal(await countMessages(kafka, "outbox"), 2);
});

test("kafkajs (control: without it the producer is disconnected under them, and what became of them is unknown)", async (t) => {
  const { broker, pid } = await startKafka(t);
  const kafka = new Kafka({
    brokers: [broker],
    logLevel: logLevel.NOTHING,
    retry: { retries: 0 },
    // kafkajs keeps the process for as long as it would have waited for the answer.
    requestTimeout: 3_000,
  });
  const producer = kafka.producer();
  await producer.connect();
  const record = { topic: "outbox", messages: [{ value: "after the answer" }] };
  await producer.send(record);
  await whileFrozen(pid, async () => {
    const lost = assert.rejects(producer.send(record));
    await producer.disconnect();
    await lost;
  });
});

/** Keeps a process from running meanwhile. One that stands still would hear of no signal to end, either. */
async function whileFrozen(pid: number, run: () => Promise<void>): Promise<void> {
  process.kill(pid, "SIGSTOP");
  try {
    await run();
  } finally {
    process.kill(pid, "SIGCONT");
  }
}

async function countMessages(kafka: Kafka, topic: string): Promise<number> {
  const admin = kafka.admin();
  await admin.connect();
  const offsets = await admin.fetchTopicOffsets(topic);
  await admin.disconnect();
  return offsets.reduce((sum, { high }) => sum + Number(high), 0);
}
