import { setTimeout as sleep } from "node:timers/promises";

import { initTRPC } from "@trpc/server";
import { createHTTPServer } from "@trpc/server/adapters/standalone";

const { procedure, router } = initTRPC.create();

const appRouter = router({
  hello: procedure.query(() => "hello"),
  slow: procedure.query(() => sleep(400, "hello, at last")),
  ticks: procedure.subscription(async function* ticks({ signal }) {
    while (!signal.aborted) yield await sleep(100, "tick");
  }),
});

createHTTPServer({ router: appRouter }).listen(Number(process.env.PORT));
