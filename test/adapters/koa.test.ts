import http from "node:http";

import { Router } from "@koa/router";
import Koa from "koa";
import { carrySignal } from "lastcall/koa";

import { listen } from "../harness/serve.js";
import { bareSignal, testFramework, type Framework, type Seen } from "./framework.js";

function createApp(seen: Seen, isBare: boolean): Koa {
  const app = new Koa();
  if (!isBare) carrySignal(app);
  app.on("error", (error: Error) => seen.errors.push(error.message));
  const router = new Router();
  router.get("/orders/:id/wait", async (ctx) => {
    await seen.wait(isBare ? bareSignal(ctx.req) : ctx.signal);
  });
  router.get("/boom", () => {
    throw new Error("boom");
  });
  router.get("/ok", (ctx) => {
    ctx.body = "ok";
  });
  app.use(router.routes());
  return app;
}

const framework: Framework = {
  name: "Koa",
  start: async (_t, service, seen, isBare) => {
    const answer = createApp(seen, isBare).callback();
    const server = http.createServer((req, res) => void answer(req, res));
    return { port: await listen(service.attach(server)) };
  },
};

testFramework(framework);
