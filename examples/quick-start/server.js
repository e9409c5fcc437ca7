import { createServer } from "node:http";
import { lastcall } from "lastcall";

const service = lastcall({ gracePeriod: 30_000 }); // before the first `await`
const server = createServer((_req, res) => res.end("Hello\n"));
service.attach(server).listen(process.env.PORT ?? 3000);
