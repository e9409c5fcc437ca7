import assert from "node:assert/strict";
import http from "node:http";
import { test } from "node:test";

import express, { type ErrorRequestHandler } from "express";
import { aborted, carrySignal } from "lastcall/express";

import { listen } from "../harness/serve.js";
import { connect } from "../harness/wire.js";
import { bareSignal, start, testFramework, type Framework, type Seen } from "./framework.js";

function createApp(seen: Seen, isBare: boolean): express.Express {
  const app = express();
  if (!isBare) carrySignal(app);
  // A router of its own: its routes are named with where it is mounted.
  const orders = express.Router();
  orders.get("/:id/wait", async (req, res) => {
    await seen.wait(isBare ? bareSignal(req) : req.signal);
    res.end();
  });
  app.use("/orders", orders);
  app.get("/boom", () => {
    throw new Error("boom");
  });
  app.get("/ok", (_req, res) => void res.send("ok"));
  if (!isBare) app.use(aborted());
  const logged: ErrorRequestHandler = (error: Error, _req, res, _next) => {
    seen.errors.push(error.message);
    res.status(500).end();
  };
  app.use(logged);
  return app;
}

const framework: Framework = {
  name: "Express",
  start: async (_t, service, seen, isBare) => ({
    port: await listen(service.attach(http.createServer(createApp(seen, isBare)))),
  }),
};

testFramework(framework);

test("Express: applications mounted on it have the signal too; Retry-After is in whole seconds", async (t) => {
  const app: Framework = {
    name: "mounted",
    start: async (_t, service, seen) => {
      const main = express();
      carrySignal(main);
      const mounted = express();
      mounted.get("/wait", (req) => seen.wait(req.signal));
      main.use("/orders/7", mounted);
      main.use(aborted({ retryAfter: 2_100 }));
      return { port: await listen(service.attach(http.createServer(main))) };
    },
  };
  const { service, seen, target } = await start(t, app);
  const client = await connect(target);
  await client.get("/orders/7/wait");
  await seen.begun;
  const drained = service.drain();
  const { status, headers } = await client.response();
  assert.equal(status, 503);
  assert.equal(headers.get("retry-after"), "3");
  await drained;
});
