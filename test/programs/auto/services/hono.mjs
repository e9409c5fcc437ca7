import { setTimeout as sleep } from "node:timers/promises";

import { serve, upgradeWebSocket } from "@hono/node-server";
import { Hono } from "hono";
import { streamSSE } from "hono/streaming";
import { WebSocketServer } from "ws";

const app = new Hono()
  .get("/", (context) => context.text("hello"))
  .get("/slow", async (context) => {
    await sleep(400);
    return context.text("hello, at last");
  })
  .get("/events", (context) =>
    streamSSE(context, async (stream) => {
      while (!stream.aborted) {
        await stream.writeSSE({ data: "tick" });
        await stream.sleep(100);
      }
    }),
  )
  .get(
    "/chat",
    upgradeWebSocket(() => ({ onMessage: ({ data }, socket) => socket.send(data) })),
  );

serve({
  fetch: app.fetch,
  port: Number(process.env.PORT),
  websocket: { server: new WebSocketServer({ noServer: true }) },
});
