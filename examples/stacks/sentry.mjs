import { createServer } from "node:http";
import * as Sentry from "@sentry/node";
import { lastcall } from "lastcall";

const service = lastcall({ gracePeriod: 10_000 });
Sentry.init({ dsn: process.env.SENTRY_DSN });
service.hook("sentry", () => Sentry.close(1_500), { stage: "last" });

let asked = 0;
const server = createServer((req, res) => {
  Sentry.captureMessage(`asked for ${req.url}, number ${++asked}`);
  setTimeout(() => res.end("ok"), req.url === "/slow" ? 1_500 : 0);
});
service.hook("pool", () => {
  Sentry.captureMessage("the pool is closed");
});
service.attach(server).listen(process.env.PORT);
