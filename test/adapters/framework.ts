// What every framework's adapter has to do, tested with the same words on each.
import assert from "node:assert/strict";
import { once } from "node:events";
import type { IncomingMessage } from "node:http";
import { test, type TestContext } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";

import {
  ClientGoneError,
  DrainAbortedError,
  lastcall,
  requestSignal,
  type Service,
} from "lastcall";

import { QUIET } from "../harness/serve.js";
import { connect, withResolvers, type Target } from "../harness/wire.js";

/** What an application saw. */
export class Seen {
  /** What its own error handler or log was told. */
  readonly errors: string[] = [];
  readonly #begun = withResolvers<AbortSignal>();

  /** Resolves with the signal of the request that waits. */
  get begun(): Promise<AbortSignal> {
    return this.#begun.promise;
  }

  /** A handler that waits until it is told to give up, as Node's own timers do it. */
  async wait(signal: AbortSignal): Promise<void> {
    this.#begun.resolve(signal);
    await sleep(60_000, undefined, { signal });
  }
}

/** `/orders/:id/wait` waits, `/boom` throws, `/ok` answers. */
export interface Framework {
  readonly name: string;
  /**
   * Starts the application in the service's care; resolves to its address. `isBare`: without the
   * adapter, with the signal by {@link requestSignal}: the control.
   */
  start(t: TestContext, service: Service, seen: Seen, isBare: boolean): Promise<Target>;
}

const TIMES = {
  lameDuck: false,
  gracePeriod: 3_000,
  abortWindow: 1_500,
  closingWindow: 500,
} as const;

interface Started {
  readonly service: Service;
  readonly seen: Seen;
  readonly target: Target;
}

export async function start(
  t: TestContext,
  framework: Framework,
  isBare = false,
): Promise<Started> {
  const service = lastcall({ ...QUIET, ...TIMES });
  const seen = new Seen();
  const target = await framework.start(t, service, seen, isBare);
  t.after(() => service.abort().catch(() => {}));
  return { service, seen, target };
}

/** Asks for what waits, and drains. Resolves to the answer, or undefined where there is none. */
async function drainWhileWaiting({ service, seen, target }: Started) {
  const client = await connect(target);
  await client.get("/orders/7/wait?secret=1");
  const signal = await seen.begun;
  const report = await service.drain();
  return { client, signal, report };
}

export function testFramework(framework: Framework): void {
  const { name } = framework;

  test(`${name}: a handler that the drain aborts is answered 503 with Retry-After, and is no error`, async (t) => {
    const started = await start(t, framework);
    const { client, signal, report } = await drainWhileWaiting(started);
    const { status, headers } = await client.response();
    assert.equal(status, 503);
    assert.equal(headers.get("retry-after"), "1");
    assert.ok(signal.reason instanceof DrainAbortedError);
    assert.deepEqual(started.seen.errors, []);
    assert.equal(report.outcome, "aborted");
    const [request] = report.requests.aborted;
    assert.equal(request?.route, "/orders/:id/wait");
    assert.equal(request.reaction, "answered");
    assert.deepEqual(report.warnings, []);
  });

  test(`${name} (control: without its adapter it is answered 500, as an error of the application)`, async (t) => {
    const started = await start(t, framework, true);
    const { client } = await drainWhileWaiting(started);
    assert.equal((await client.response()).status, 500);
    assert.equal(started.seen.errors.length, 1);
  });

  test(`${name}: a client that leaves aborts the signal, and is no error`, async (t) => {
    const { seen, service, target } = await start(t, framework);
    const client = await connect(target);
    await client.get("/orders/7/wait");
    const signal = await seen.begun;
    client.close();
    if (!signal.aborted) await once(signal, "abort");
    assert.ok(signal.reason instanceof ClientGoneError);
    assert.equal((await service.drain()).outcome, "clean");
    assert.deepEqual(seen.errors, []);
  });

  test(`${name}: an error of the application's own goes where it always went`, async (t) => {
    const { seen, target } = await start(t, framework);
    const client = await connect(target);
    await client.get("/boom");
    assert.equal((await client.response()).status, 500);
    assert.deepEqual(seen.errors, ["boom"]);
  });

  test(`${name}: what is in flight at the drain is answered`, async (t) => {
    const { service, target } = await start(t, framework);
    const client = await connect(target);
    await client.get("/ok");
    assert.equal((await client.response()).status, 200);
    await client.get("/ok");
    const report = service.drain();
    assert.equal((await client.response()).status, 200);
    assert.equal((await report).outcome, "clean");
  });
}

/** The signal where the adapter is not used. */
export function bareSignal(req: IncomingMessage): AbortSignal {
  return requestSignal(req);
}
