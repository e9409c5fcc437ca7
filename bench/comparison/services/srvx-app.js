import { setTimeout as sleep } from "node:timers/promises";
import { serve } from "srvx";
import { port, SLOW_MS } from "./app.js";

/** @param {object} options */
export function start(options) {
  return serve({
    port,
    async fetch(request) {
      if (new URL(request.url).pathname === "/slow") await sleep(SLOW_MS);
      if (request.method === "POST") await request.arrayBuffer();
      return new Response("ok\n");
    },
    ...options,
  });
}
