import { initTRPC } from "@trpc/server";
import { createHTTPServer } from "@trpc/server/adapters/standalone";
import { applyWSSHandler } from "@trpc/server/adapters/ws";
import { lastcall } from "lastcall";
import { WebSocketServer } from "ws";

const service = lastcall({ gracePeriod: 10_000 });
const t = initTRPC.create();
const router = t.router({
  hello: t.procedure.query(() => "hello"),
  slow: t.procedure.query(() => new Promise((resolve) => setTimeout(resolve, 1_500, "late"))),
  ticks: t.procedure.subscription(async function* () {
    for (let tick = 0; ; tick++) {
      yield tick;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }),
});
const server = service.attach(createHTTPServer({ router }));
applyWSSHandler({ wss: new WebSocketServer({ server }), router });
server.listen(Number(process.env.PORT));
