// oxlint-disable-next-line import/no-unassigned-import -- what Nest's decorators need
import "reflect-metadata";
import assert from "node:assert/strict";
import { once } from "node:events";
import type { IncomingMessage } from "node:http";
import net from "node:net";
import { test } from "node:test";

import {
  Controller,
  Get,
  Logger,
  Sse,
  Module,
  Req,
  type INestApplication,
  type LoggerService,
} from "@nestjs/common";
import { NestFactory } from "@nestjs/core";
import { lastcall } from "lastcall";
import { attachNest } from "lastcall/nest";
import { finalize, interval, map, type Observable } from "rxjs";

import { listen, QUIET } from "../harness/serve.js";
import { connect } from "../harness/wire.js";
import { bareSignal, Seen, testFramework, type Framework } from "./framework.js";

const order: string[] = [];

/** Decorators applied by hand: they cannot be written in erasable TypeScript. */
function createModule(seen: Seen, isBare: boolean): object {
  class Orders {
    async wait(req: IncomingMessage & { signal: AbortSignal }): Promise<string> {
      await seen.wait(isBare ? bareSignal(req) : req.signal);
      return "waited";
    }
    boom(): never {
      throw new Error("boom");
    }
    ok(): string {
      return "ok";
    }
    onModuleDestroy(): void {
      order.push("onModuleDestroy");
    }
    beforeApplicationShutdown(signal?: string): void {
      order.push(`beforeApplicationShutdown ${String(signal)}`);
    }
    onApplicationShutdown(signal?: string): void {
      order.push(`onApplicationShutdown ${String(signal)}`);
    }
  }
  Controller()(Orders);
  for (const [name, path] of [
    ["wait", "/orders/:id/wait"],
    ["boom", "/boom"],
    ["ok", "/ok"],
  ] as const) {
    const descriptor = Object.getOwnPropertyDescriptor(Orders.prototype, name);
    Get(path)(Orders.prototype, name, descriptor as PropertyDescriptor);
  }
  Req()(Orders.prototype, "wait", 0);
  // oxlint-disable-next-line typescript/no-extraneous-class -- what a module of Nest is
  const Orderly = class {};
  Module({ controllers: [Orders] })(Orderly);
  return Orderly;
}

async function createApp(seen: Seen, isBare: boolean): Promise<INestApplication> {
  const quiet = (): void => {};
  const logger: LoggerService = {
    log: quiet,
    warn: quiet,
    error: (error: unknown) =>
      seen.errors.push(error instanceof Error ? error.message : String(error)),
  };
  const app = await NestFactory.create(createModule(seen, isBare) as never, { logger });
  Logger.overrideLogger(logger);
  return app;
}

const framework: Framework = {
  name: "Nest",
  start: async (_t, service, seen, isBare) => {
    const app = await createApp(seen, isBare);
    if (isBare) service.attach(app.getHttpServer() as never);
    else attachNest(service, app);
    await app.init();
    return { port: await listen(app.getHttpServer() as never) };
  },
};

testFramework(framework);

for (const when of ["before", "after"] as const) {
  test(`Nest: shutdown hooks that were enabled ${when} leave the signal to the service, and run after the last response`, async (t) => {
    const service = lastcall({ ...QUIET, lameDuck: false });
    const seen = new Seen();
    const app = await createApp(seen, false);
    const listeners = process.listenerCount("SIGTERM");
    if (when === "before") {
      app.enableShutdownHooks();
      assert.ok(process.listenerCount("SIGTERM") > listeners, "control: Nest listens by itself");
    }
    attachNest(service, app);
    if (when === "after") app.enableShutdownHooks();
    assert.equal(process.listenerCount("SIGTERM"), listeners);
    t.after(() => service.abort());
    await app.init();
    const client = await connect({ port: await listen(app.getHttpServer() as never) });
    await client.get("/ok");
    order.length = 0;
    const drained = service.drain("SIGTERM");
    assert.equal((await client.response()).status, 200);
    const { outcome, warnings } = await drained;
    assert.equal(outcome, "clean");
    assert.deepEqual(warnings, []);
    assert.deepEqual(order, [
      "onModuleDestroy",
      "beforeApplicationShutdown SIGTERM",
      "onApplicationShutdown SIGTERM",
    ]);
  });
}

/** An application whose `/events` never end. */
async function createEvents(completed: string[]): Promise<INestApplication> {
  class Events {
    events(): Observable<{ data: string }> {
      const end = (): void => void completed.push("torn down");
      return interval(5).pipe(
        map((tick) => ({ data: String(tick) })),
        finalize(end),
      );
    }
  }
  Controller()(Events);
  const descriptor = Object.getOwnPropertyDescriptor(Events.prototype, "events");
  Sse("/events")(Events.prototype, "events", descriptor as PropertyDescriptor);
  // oxlint-disable-next-line typescript/no-extraneous-class -- what a module of Nest is
  const Streaming = class {};
  Module({ controllers: [Events] })(Streaming);
  return NestFactory.create(Streaming as never, { logger: false });
}

for (const how of ["attachNest", "attach"] as const) {
  const isWhole = how === "attachNest";
  const title = isWhole
    ? "Nest: the Observable of @Sse completes in its turn, and its stream ends in order"
    : "Nest: (control: attached as a server, its stream goes on, and is torn)";
  test(title, async (t) => {
    const completed: string[] = [];
    const app = await createEvents(completed);
    const service = lastcall({ ...QUIET, lameDuck: false });
    t.after(() => service.abort());
    if (isWhole) attachNest(service, app);
    else service.attach(app.getHttpServer() as never);
    await app.init();
    const port = await listen(app.getHttpServer() as never);
    const client = net.connect(port, "127.0.0.1").setEncoding("latin1");
    let text = "";
    client.on("data", (part: string) => (text += part));
    client.write("GET /events HTTP/1.1\r\nHost: test\r\nAccept: text/event-stream\r\n\r\n");
    while (!text.includes("data: 3\n")) await once(client, "data");
    const closed = once(client, "close");

    const { outcome, requests } = await service.drain();
    await closed;

    assert.equal(text.endsWith("0\r\n\r\n"), isWhole);
    assert.equal(outcome, "clean");
    assert.deepEqual([requests.letGo, requests.unfinished], [1, 0]);
    assert.deepEqual(completed, ["torn down"]);
    if (!isWhole) await app.close();
  });
}
