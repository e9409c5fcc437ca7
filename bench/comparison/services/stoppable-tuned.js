import { createServer } from "node:http";
import stoppable from "stoppable";
import { answer, LAG_MS, port } from "./app.js";

const server = stoppable(createServer(answer), 7_000);
server.listen(port);
process.on("SIGTERM", () => setTimeout(() => server.stop(), LAG_MS));
