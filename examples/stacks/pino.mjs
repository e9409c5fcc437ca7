import { once } from "node:events";
import { createServer } from "node:http";
import { lastcall } from "lastcall";
import pino from "pino";

const service = lastcall({ gracePeriod: 10_000 });
const transport = pino.transport({
  target: "pino/file",
  options: { destination: process.env.LOG },
});
const logger = pino(transport);
service.on("phase", ({ to }) => logger.info({ phase: to }, "phase"));
service.hook(
  "logs",
  async () => {
    // It writes in a thread of its own, which process.exit() ends wherever it is.
    transport.end();
    await once(transport, "close");
  },
  { stage: "last" },
);

const server = createServer((req, res) => {
  res.on("close", () => logger.info({ url: req.url }, "answered"));
  setTimeout(() => res.end("ok"), req.url === "/slow" ? 1_500 : 0);
});
service.attach(server).listen(process.env.PORT);
