import { createAdaptorServer } from "@hono/node-server";
import { Hono } from "hono";
import { streamSSE } from "hono/streaming";
import { lastcall } from "lastcall";

const service = lastcall({ gracePeriod: 10_000 });
const app = new Hono();
app.get("/events", (c) =>
  streamSSE(c, async (stream) => {
    while (!stream.aborted && !stream.closed) {
      await stream.writeSSE({ event: "time", data: String(Date.now()) });
      await stream.sleep(100);
    }
  }),
);
// Passes everything else on.
app.all("*", (c) => fetch(process.env.UPSTREAM + c.req.path, { method: c.req.method }));
service.attach(createAdaptorServer({ fetch: app.fetch })).listen(process.env.PORT);
