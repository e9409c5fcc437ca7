import { createServer } from "node:http";
import { lastcall } from "lastcall";

const service = lastcall({ gracePeriod: 30_000, probes: true });
service.attach(createServer((_req, res) => res.end("ok\n"))).listen(3000);
