import { createServer } from "node:http";
import { createHttpTerminator } from "http-terminator";
import { answer, LAG_MS, port } from "./app.js";

const server = createServer(answer).listen(port);
const httpTerminator = createHttpTerminator({ gracefulTerminationTimeout: 7_000, server });
process.on("SIGTERM", () => setTimeout(() => void httpTerminator.terminate(), LAG_MS));
