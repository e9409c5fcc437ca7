import assert from "node:assert/strict";
import type { IncomingMessage, ServerResponse } from "node:http";
import { after, test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";

import { DrainAbortedError, type Service } from "lastcall";

import { Hold } from "../harness/hold.js";
import { serve } from "../harness/serve.js";
import { connect, withResolvers } from "../harness/wire.js";
import { Patterns } from "./patterns.js";

const patterns = new Patterns("docs/background-work.md", "examples/background");
const SHORT = { gracePeriod: 1_000, abortWindow: 200, closingWindow: 300, margin: 100 };

after(() => patterns.check());

test("a consumer finishes the message in hand, and takes no other", async (t) => {
  interface Queue {
    take: (signal: AbortSignal) => Promise<string>;
    done: (message: string) => Promise<void>;
  }
  const { consume } = await patterns.use<{
    consume: (service: Service, queue: Queue, work: (message: string) => Promise<void>) => void;
  }>("consumer.js");
  for (const isWorking of [true, false]) {
    const { service } = await serve(t, (_req, res) => res.end());
    const { promise: mayEnd, resolve: end } = withResolvers<void>();
    const { promise: begun, resolve: begin } = withResolvers<void>();
    const messages = isWorking ? ["1", "2"] : [];
    const done: string[] = [];
    const queue: Queue = {
      take: (signal) => {
        const next = messages.shift();
        if (next !== undefined) return Promise.resolve(next);
        begin();
        return pause(60_000, "never", { signal });
      },
      done: (message) => {
        done.push(message);
        return Promise.resolve();
      },
    };
    consume(service, queue, () => {
      begin();
      return mayEnd;
    });
    await begun;
    const drained = service.drain();
    end();
    const { outcome, tasks } = await drained;
    assert.deepEqual([outcome, tasks, done], ["clean", [], isWorking ? ["1"] : []]);
  }
});

test("a sink sends what the last request has left it", async (t) => {
  const { sendAudit } = await patterns.use<{
    sendAudit: (
      service: Service,
      buffer: string[],
      send: (lines: string[]) => Promise<void>,
    ) => void;
  }>("sink.js");
  const hold = new Hold();
  const { service, target } = await serve(t, hold.app);
  const [buffer, sent]: [string[], string[]] = [[], []];
  sendAudit(service, buffer, (lines) => {
    sent.push(...lines);
    return Promise.resolve();
  });
  const client = await connect(target);
  await client.get("/");
  const { res } = await hold.next();
  const drained = service.drain();
  for (let turn = 0; turn < 10; turn++) await new Promise(setImmediate);
  buffer.push("answered");
  res.end();
  assert.equal((await drained).outcome, "clean");
  assert.deepEqual(sent, ["answered"]);
  client.close();
});

test("an interval ends between two runs", async (t) => {
  const { sweepCarts } = await patterns.use<{
    sweepCarts: (service: Service, sweep: () => Promise<void>, period: number) => void;
  }>("interval.js");
  const { service } = await serve(t, (_req, res) => res.end());
  const { promise: third, resolve } = withResolvers<void>();
  let runs = 0;
  sweepCarts(
    service,
    () => {
      if (++runs === 3) resolve();
      return Promise.resolve();
    },
    5,
  );
  await third;
  const { outcome, tasks } = await service.drain();
  assert.deepEqual([outcome, tasks], ["clean", []]);
  const before = runs;
  await pause(30);
  assert.equal(runs, before);
});

test("a task that is started again, until the drain begins", async (t) => {
  const { keepWatching } = await patterns.use<{
    keepWatching: (
      service: Service,
      watch: (signal: AbortSignal) => Promise<void>,
      options: object,
    ) => void;
  }>("restart.js");
  const { service } = await serve(t, (_req, res) => res.end());
  const { promise: third, resolve } = withResolvers<void>();
  let runs = 0;
  const watch = (signal: AbortSignal): Promise<void> => {
    if (++runs < 3) return Promise.reject(new Error("connection lost"));
    resolve();
    return pause(60_000, undefined, { signal });
  };
  keepWatching(service, watch, { minTimeout: 1 });
  await third;
  const { outcome, tasks } = await service.drain();
  assert.deepEqual([outcome, tasks, runs], ["clean", [], 3]);
});

test("waitUntil: published after the answer, given up only when there is no time left", async (t) => {
  const { createOrder } = await patterns.use<{
    createOrder: (
      service: Service,
      publish: (event: string, signal: AbortSignal) => Promise<void>,
      req: IncomingMessage,
      res: ServerResponse,
    ) => void;
  }>("wait-until.js");
  const reasons: unknown[] = [];
  const publish = async (_event: string, signal: AbortSignal): Promise<void> => {
    await pause(60_000, undefined, { signal }).catch((error: Error) => reasons.push(error.cause));
    signal.throwIfAborted();
  };
  const app = (req: IncomingMessage, res: ServerResponse): void =>
    createOrder(service, publish, req, res);
  const { service, target } = await serve(t, app, SHORT);
  const client = await connect(target);
  await client.get("/orders?token=secret");
  assert.equal((await client.response()).status, 202);
  client.close();
  const { outcome, tasks } = await service.drain();
  assert.ok(reasons[0] instanceof DrainAbortedError);
  assert.equal(outcome, "aborted");
  assert.deepEqual(
    tasks.map(({ name, result, method, route }) => [name, result, method, route]),
    [["publish", "aborted", "GET", "/orders"]],
  );
});
