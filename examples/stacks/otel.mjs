import { createServer } from "node:http";
import { trace } from "@opentelemetry/api";
import { NodeSDK } from "@opentelemetry/sdk-node";
import { lastcall } from "lastcall";

const service = lastcall({ gracePeriod: 10_000 });
const sdk = new NodeSDK({ instrumentations: [] });
sdk.start();
service.hook("spans", () => sdk.shutdown(), { stage: "last" });

const tracer = trace.getTracer("app");
const server = createServer((req, res) => {
  const span = tracer.startSpan(req.url);
  res.on("close", () => span.end());
  setTimeout(() => res.end("ok"), req.url === "/slow" ? 1_500 : 0);
});
service.attach(server).listen(process.env.PORT);
