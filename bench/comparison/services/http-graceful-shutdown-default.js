import { createServer } from "node:http";
import gracefulShutdown from "http-graceful-shutdown";
import { answer, port } from "./app.js";

const server = createServer(answer).listen(port);
gracefulShutdown(server);
