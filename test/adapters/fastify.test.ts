import assert from "node:assert/strict";
import dns from "node:dns";
import type { AddressInfo } from "node:net";
import { test, type TestContext } from "node:test";

import fastify, { type FastifyInstance } from "fastify";
import { lastcall, type Service } from "lastcall";
import { attachFastify } from "lastcall/fastify";

import { Hold } from "../harness/hold.js";
import { QUIET } from "../harness/serve.js";
import { connect, type Target } from "../harness/wire.js";
import { bareSignal, Seen, testFramework, type Framework } from "./framework.js";

function createApp(seen: Seen, attach: (app: FastifyInstance) => void): FastifyInstance {
  const app = fastify();
  attach(app);
  app.setErrorHandler((error: Error, _request, reply) => {
    seen.errors.push(error.message);
    return reply.code(500).send("failed");
  });
  app.get("/orders/:id/wait", async (request) => {
    await seen.wait(request.signal);
    return "waited";
  });
  app.get("/boom", () => {
    throw new Error("boom");
  });
  app.get("/ok", () => "ok");
  return app;
}

/** The control: attached, and the signal in place of Fastify's own. */
function bare(service: Service, app: FastifyInstance): void {
  service.attach(app.server);
  app.addHook("onRequest", (request, _reply, done) => {
    Object.defineProperty(request, "signal", { get: () => bareSignal(request.raw) });
    done();
  });
}

async function listen(app: FastifyInstance, host = "127.0.0.1"): Promise<Target> {
  await app.listen({ port: 0, host });
  return { port: (app.server.address() as AddressInfo).port };
}

const framework: Framework = {
  name: "Fastify",
  start: async (t, service, seen, isBare) => {
    const app = createApp(seen, (made) => {
      if (isBare) bare(service, made);
      else attachFastify(service, made);
    });
    t.after(() => app.close());
    return listen(app);
  },
};

testFramework(framework);

test("Fastify: error handlers of plugins see their own errors, and not what was aborted", async (t) => {
  const service = lastcall({ ...QUIET, lameDuck: false });
  const seen = new Seen();
  const app = fastify();
  attachFastify(service, app);
  t.after(() => service.abort());
  void app.register(async (scope) => {
    scope.setErrorHandler((error: Error, _request, reply) => {
      seen.errors.push(`scope: ${error.message}`);
      return reply.code(418).send();
    });
    scope.get("/wait", (request) => seen.wait(request.signal));
    scope.get("/boom", () => {
      throw new Error("boom");
    });
    const errorHandler = (error: Error): never => {
      throw new Error(`route: ${error.message}`);
    };
    scope.get("/own", { errorHandler }, () => {
      throw new Error("boom");
    });
  });
  const target = await listen(app);
  const client = await connect(target);
  for (const path of ["/boom", "/own"]) {
    await client.get(path);
    assert.equal((await client.response()).status, 418);
  }
  assert.deepEqual(seen.errors, ["scope: boom", "scope: route: boom"]);
  await client.get("/wait");
  await seen.begun;
  const drained = service.abort();
  await drained;
  assert.equal(seen.errors.length, 2);
});

test("Fastify: preClose and onClose run after the last response, and its close is nobody's fault", async (t) => {
  const service = lastcall({ ...QUIET, lameDuck: false });
  const app = fastify();
  attachFastify(service, app);
  t.after(() => service.abort());
  const order: string[] = [];
  app.addHook("preClose", (done) => {
    order.push("preClose");
    done();
  });
  app.addHook("onClose", (_app, done) => {
    order.push("onClose");
    done();
  });
  const hold = new Hold();
  app.get("/", (request, reply) => {
    reply.hijack();
    hold.app(request.raw, reply.raw);
  });
  const client = await connect(await listen(app));
  await client.get("/");
  const { res } = await hold.next();
  const closed = new Promise((resolve) => service.on("listeners-closed", resolve));
  const drained = service.drain();
  await closed;
  assert.deepEqual(order, [], "nothing of Fastify's ends while a request is in flight");
  res.end("answered");
  assert.equal((await client.response()).body, "answered");
  const { outcome, warnings, hooks } = await drained;
  assert.deepEqual(order, ["preClose", "onClose"]);
  assert.equal(outcome, "clean");
  assert.deepEqual(warnings, []);
  assert.deepEqual(
    hooks.map(({ name, result }) => [name, result]),
    [["fastify", "done"]],
  );
});

/** Two addresses for `localhost`, whatever the machine's own tables say. */
function resolveTwice(t: TestContext): void {
  const lookup = (host: string, ...[options, callback = options]: Lookup): void => {
    const addresses = host === "localhost" ? ["127.0.0.1", "127.0.0.2"] : [host];
    if (options.all !== true) callback(null, addresses[0] ?? host, 4);
    else
      callback(
        null,
        addresses.map((address) => ({ address, family: 4 })),
      );
  };
  t.mock.method(dns, "lookup", lookup as unknown as typeof dns.lookup);
}

type Callback = (error: null, address: string | object[], family?: number) => void;
type Lookup = [options: { all?: boolean } & Callback, callback?: Callback];

test(
  "Fastify: the server that it makes for the other address of localhost is drained too",
  { skip: process.platform !== "linux" && "only Linux listens on all of 127.0.0.0/8" },
  async (t) => {
    const service = lastcall({ ...QUIET, lameDuck: false });
    const hold = new Hold();
    const app = fastify();
    attachFastify(service, app);
    t.after(() => service.abort());
    app.get("/", (request, reply) => {
      reply.hijack();
      hold.app(request.raw, reply.raw);
    });
    resolveTwice(t);
    await app.listen({ port: 0, host: "localhost" });
    const main = (app.server.address() as AddressInfo).address;
    const other = (app.addresses() as AddressInfo[]).find(({ address }) => address !== main);
    assert.ok(other);
    const client = await connect({ port: other.port, host: other.address });
    await client.get("/");
    const { res } = await hold.next();
    const drained = service.drain();
    res.end("answered");
    const { headers } = await client.response();
    assert.equal(headers.get("connection"), "close");
    assert.equal((await drained).outcome, "clean");
  },
);
