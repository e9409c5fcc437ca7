import { setTimeout as sleep } from "node:timers/promises";
import fastify from "fastify";
import { SLOW_MS } from "./app.js";

/** @param {import("fastify").FastifyServerOptions} [options] */
export function createApp(options) {
  const app = fastify(options);
  // The body is the route's own to read.
  app.removeAllContentTypeParsers();
  app.addContentTypeParser("*", (_request, payload, done) => {
    payload.resume().on("end", () => done(null));
  });
  app.get("/", () => "ok\n");
  app.get("/slow", () => sleep(SLOW_MS, "slow\n"));
  app.post("/", () => "taken\n");
  return app;
}
