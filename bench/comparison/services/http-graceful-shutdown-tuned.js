import { createServer } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import gracefulShutdown from "http-graceful-shutdown";
import { answer, LAG_MS, port } from "./app.js";

const server = createServer(answer).listen(port);
gracefulShutdown(server, { preShutdown: () => sleep(LAG_MS), timeout: 7_000 });
