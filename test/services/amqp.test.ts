import assert from "node:assert/strict";
import { after, test, type TestContext } from "node:test";

import { connect, type ChannelModel } from "amqplib";
import { lastcall } from "lastcall";
import { confirmBeforeClose, consume } from "lastcall/clients/amqplib";

import { QUIET } from "../harness/serve.js";
import { assertOnce, describe, roll, type Rolled } from "./rolling.js";
import { startRabbitMq } from "./servers/rabbitmq.js";
import { until } from "./until.js";

const { url } = await startRabbitMq({ after });

async function open(t: TestContext): Promise<ChannelModel> {
  const connection = await connect(url);
  t.after(() => connection.close().catch(() => {}));
  return connection;
}

async function rollAmqp(t: TestContext, isPlain: boolean): Promise<Rolled> {
  const connection = await open(t);
  const channel = await connection.createConfirmChannel();
  await channel.deleteQueue("jobs");
  await channel.assertQueue("jobs");
  return roll(t, {
    fixture: "brokers/amqp-consumer",
    args: [url],
    isPlain,
    isShared: (members) => members.every(({ stdout }) => stdout.includes("joined")),
    async send(ids) {
      for (const id of ids) channel.sendToQueue("jobs", Buffer.from(id));
      await channel.waitForConfirms();
    },
  });
}

test("amqplib: two consumers are restarted one after the other: each message handled once, none redelivered", async (t) => {
  const rolled = await rollAmqp(t, false);
  t.diagnostic(describe(rolled));
  assertOnce(rolled);
  assert.doesNotMatch(rolled.output, /redelivered/);
});

test("amqplib (control: consumers that exit have messages redelivered, and handled twice)", async (t) => {
  const rolled = await rollAmqp(t, true);
  t.diagnostic(describe(rolled));
  assert.equal(rolled.done, rolled.sent);
  assert.ok(rolled.effects > rolled.sent, describe(rolled));
  assert.match(rolled.output, /redelivered/);
});

test("amqplib: at the abort instant a message goes back to the queue, as one whose handler fails the first time", async (t) => {
  const connection = await open(t);
  const channel = await connection.createChannel();
  const { queue } = await channel.assertQueue("", { autoDelete: false });
  const service = lastcall({
    ...QUIET,
    gracePeriod: 2_000,
    abortWindow: 1_000,
    closingWindow: 300,
  });
  const seen: string[] = [];
  await consume(service, channel, queue, async ({ content, fields }, { signal }) => {
    seen.push(`${String(content)}${fields.redelivered ? " again" : ""}`);
    if (String(content) === "fails") throw new Error("fails");
    await new Promise((_resolve, reject) => {
      signal.addEventListener("abort", () => reject(signal.reason as Error));
    });
  });
  channel.sendToQueue(queue, Buffer.from("fails"));
  channel.sendToQueue(queue, Buffer.from("waits"));
  await until("all deliveries", async () => seen.length === 3);
  assert.deepEqual(seen.toSorted(), ["fails", "fails again", "waits"]);
  const { outcome } = await service.drain();
  assert.equal(outcome, "aborted");
  const observer = await connection.createChannel();
  const left = await observer.get(queue);
  assert.equal(left && String(left.content), "waits");
  assert.equal(await observer.get(queue), false, "dropped after its second failure");
});

test("amqplib: a consumer that the broker cancels is a task that failed", async (t) => {
  const connection = await open(t);
  const channel = await connection.createChannel();
  const { queue } = await channel.assertQueue("");
  const service = lastcall({ ...QUIET, lameDuck: false });
  t.after(() => service.abort());
  const warned = new Promise<string>((resolve) => {
    service.on("warning", ({ message }) => resolve(message));
  });
  await consume(service, channel, queue, async () => {});
  const other = await connection.createChannel();
  await other.deleteQueue(queue);
  assert.match(await warned, /amqp consumer .* failed: The broker cancelled the consumer/);
});

test("amqplib: messages are confirmed before their channel is closed", async (t) => {
  const connection = await open(t);
  const channel = await connection.createConfirmChannel();
  const { queue } = await channel.assertQueue("", { autoDelete: false });
  const service = lastcall({ ...QUIET, lameDuck: false });
  confirmBeforeClose(service, channel);
  const confirmed: unknown[] = [];
  for (let n = 0; n < 500; n += 1) {
    channel.sendToQueue(queue, Buffer.from(String(n)), {}, (error) => confirmed.push(error));
  }
  const { outcome, hooks } = await service.drain();
  assert.equal(outcome, "clean");
  assert.deepEqual(
    hooks.map(({ name, result }) => [name, result]),
    [["amqp producer", "done"]],
  );
  assert.deepEqual(confirmed, Array(500).fill(null));
});
