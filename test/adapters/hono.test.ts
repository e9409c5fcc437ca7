import type { Server } from "node:http";

import { createAdaptorServer, type HttpBindings } from "@hono/node-server";
import { Hono, type ErrorHandler } from "hono";
import { aborted, carrySignal } from "lastcall/hono";

import { listen } from "../harness/serve.js";
import { bareSignal, testFramework, type Framework, type Seen } from "./framework.js";

function createApp(seen: Seen, isBare: boolean): Hono<{ Bindings: HttpBindings }> {
  const app = new Hono<{ Bindings: HttpBindings }>();
  if (!isBare) app.use(carrySignal());
  app.get("/orders/:id/wait", async (c) => {
    await seen.wait(isBare ? bareSignal(c.env.incoming) : c.var.signal);
    return c.text("waited");
  });
  app.get("/boom", () => {
    throw new Error("boom");
  });
  app.get("/ok", (c) => c.text("ok"));
  const logged: ErrorHandler = (error, c) => {
    seen.errors.push(error.message);
    return c.text("failed", 500);
  };
  app.onError(isBare ? logged : aborted({}, logged));
  return app;
}

const framework: Framework = {
  name: "Hono",
  start: async (_t, service, seen, isBare) => {
    const server = createAdaptorServer({ fetch: createApp(seen, isBare).fetch }) as Server;
    return { port: await listen(service.attach(server)) };
  },
};

testFramework(framework);
