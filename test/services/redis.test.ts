import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { after, test, type TestContext } from "node:test";

import { Redis } from "ioredis";
import { DrainAbortedError } from "lastcall";
import { cancellable as cancellableIoredis } from "lastcall/clients/ioredis";
import { cancellable } from "lastcall/clients/redis";
import { createClient } from "redis";

import { startRedis } from "./servers/redis.js";
import { throughout, until } from "./until.js";

const server = await startRedis({ after });
const observer = new Redis(server.url);
observer.on("error", () => {});
after(() => observer.disconnect());

/** How many connections the server holds in a blocking command. */
async function countBlocked(): Promise<number> {
  const info = await observer.info("clients");
  return Number(/blocked_clients:(\d+)/.exec(info)?.[1]);
}

const isBlocked = async (): Promise<boolean> => (await countBlocked()) === 1;
const isUnblocked = async (): Promise<boolean> => (await countBlocked()) === 0;

async function countConnections(): Promise<number> {
  return ((await observer.call("CLIENT", "LIST")) as string).trim().split("\n").length;
}

/** The same commands through either client. */
interface Driven {
  pop(key: string, signal?: AbortSignal): Promise<string | undefined>;
  /** A script that keeps the server from everything else for that long. */
  spin(ms: number, signal: AbortSignal): Promise<unknown>;
  /** Without lastcall, on a connection that the test may close. */
  bare(key: string): Promise<{ close: () => void; answer: Promise<unknown> }>;
}

const SPIN = `local start = redis.call('TIME')
  repeat local now = redis.call('TIME')
  until (now[1] - start[1]) * 1000 + (now[2] - start[2]) / 1000 > tonumber(ARGV[1])`;

const clients: Record<string, (t: TestContext, timeout?: number) => Promise<Driven>> = {
  async redis(t, timeout = 1_000) {
    const client = createClient({ url: server.url });
    client.on("error", () => {});
    await client.connect();
    const db = cancellable(client, { timeout });
    t.after(async () => {
      await db.end();
      client.destroy();
    });
    return {
      pop: async (key, signal) =>
        (await db.run((connection) => connection.blPop(key, 0), { signal }))?.element,
      spin: (ms, signal) =>
        db.run((connection) => connection.eval(SPIN, { arguments: [String(ms)] }), { signal }),
      async bare(key) {
        const own = client.duplicate();
        own.on("error", () => {});
        await own.connect();
        return { close: () => own.destroy(), answer: own.blPop(key, 0) };
      },
    };
  },
  async ioredis(t, timeout = 1_000) {
    const client = new Redis(server.url);
    client.on("error", () => {});
    const db = cancellableIoredis(client, { timeout });
    t.after(async () => {
      await db.end();
      client.disconnect();
    });
    return {
      pop: async (key, signal) =>
        (await db.run((connection) => connection.blpop(key, 0), { signal }))?.[1],
      spin: (ms, signal) => db.run((connection) => connection.eval(SPIN, 0, ms), { signal }),
      async bare(key) {
        const own = client.duplicate();
        own.on("error", () => {});
        return { close: () => own.disconnect(), answer: own.blpop(key, 0) };
      },
    };
  },
};

const RACES = 400;

/** Lets the event loop turn for a while: a timer cannot be told parts of a millisecond. */
async function turn(ms: number): Promise<void> {
  const start = performance.now();
  while (performance.now() - start < ms) await new Promise(setImmediate);
}

for (const [name, open] of Object.entries(clients)) {
  test(`${name}: an abort unblocks the command on the server, and its connection is used again`, async (t) => {
    const db = await open(t);
    const controller = new AbortController();
    const reason = new DrainAbortedError(1_000);
    const rejected = assert.rejects(db.pop("none", controller.signal), (error) => error === reason);
    await until("the command", isBlocked);
    const connections = await countConnections();

    controller.abort(reason);
    const ms = await until("its end", isUnblocked);
    await rejected;

    t.diagnostic(`gone from blocked_clients after ${ms.toFixed(1)} ms`);
    assert.ok(ms < 250, `${ms} ms`);
    await observer.rpush("some", "one");
    assert.equal(await db.pop("some", AbortSignal.timeout(10_000)), "one");
    assert.equal(await countConnections(), connections);
  });

  test(`${name} (control: without it the command waits on, and takes what comes for nobody)`, async (t) => {
    const db = await open(t);
    const key = randomUUID();
    const { close, answer } = await db.bare(key);
    const lost = Promise.resolve(answer).catch(() => {});
    await until("the command", isBlocked);
    // Its caller has stopped waiting; the client has no way to say so.
    assert.ok(await throughout(300, isBlocked));
    await observer.rpush(key, "one");
    await until("its end", isUnblocked);
    assert.equal(await observer.llen(key), 0);
    await lost;
    close();
  });

  test(`${name}: what the server gave before the abort is not lost, in hundreds of races`, async (t) => {
    const db = await open(t);
    const key = randomUUID();
    const counts = { taken: 0, cancelled: 0 };
    for (let round = 0; round < RACES; round += 1) {
      const controller = new AbortController();
      const reason = new Error("left");
      const popped = db.pop(key, controller.signal).then(
        (value) => {
          assert.equal(value, "one");
          counts.taken += 1;
        },
        (error: unknown) => {
          assert.equal(error, reason);
          counts.cancelled += 1;
        },
      );
      await turn(Math.random());
      const isPushedFirst = Math.random() < 0.5;
      const steps = [
        async () => void (await observer.rpush(key, "one")),
        async () => controller.abort(reason),
      ];
      const pushed = steps.at(isPushedFirst ? 0 : 1)?.();
      await turn(Math.random() / 2);
      await Promise.all([pushed, steps.at(isPushedFirst ? 1 : 0)?.(), popped]);
      // What nobody took is still there.
      counts.taken += await observer.del(key);
    }
    t.diagnostic(JSON.stringify(counts));
    assert.equal(counts.taken, RACES);
    assert.ok(counts.cancelled > RACES / 20 && counts.cancelled < RACES, JSON.stringify(counts));
  });

  test(`${name}: a command that cannot be cancelled costs its connection, which nobody uses again`, async (t) => {
    const db = await open(t, 100);
    assert.equal(await db.pop("none", AbortSignal.timeout(50)).catch(() => "warm"), "warm");
    const controller = new AbortController();
    const rejected = assert.rejects(db.spin(600, controller.signal), {
      code: "ERR_LASTCALL_NOT_CANCELLED",
      cause: "left",
    });
    await new Promise((resolve) => setTimeout(resolve, 50));
    controller.abort("left");
    await rejected;
    await observer.rpush("after", "two");
    assert.equal(await db.pop("after", AbortSignal.timeout(10_000)), "two");
  });

  test(`${name}: a signal that has aborted before sends nothing, and without one it is the plain command`, async (t) => {
    const db = await open(t);
    await assert.rejects(db.pop("none", AbortSignal.abort("left")), (error) => error === "left");
    await observer.rpush("plain", "three");
    assert.equal(await db.pop("plain"), "three");
  });
}
