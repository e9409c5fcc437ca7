// node --import @opentelemetry/auto-instrumentations-node/register server.mjs
import { createServer } from "node:http";
import { trace } from "@opentelemetry/api";
import { lastcall } from "lastcall";

const service = lastcall({ gracePeriod: 10_000 });

// Its own listener would shut the SDK down at the signal, and every span that ends after it would be lost.
const shutdown = process.listeners("SIGTERM").find(({ name }) => name === "shutdown");
if (shutdown !== undefined) {
  process.off("SIGTERM", shutdown);
  service.hook("spans", () => shutdown("SIGTERM"), { stage: "last" });
}

const tracer = trace.getTracer("app");
const server = createServer((req, res) => {
  const span = tracer.startSpan(req.url);
  res.on("close", () => span.end());
  setTimeout(() => res.end("ok"), req.url === "/slow" ? 1_500 : 0);
});
service.attach(server).listen(process.env.PORT);
