import { createServer } from "node:http";
import stoppable from "stoppable";
import { answer, port } from "./app.js";

const server = stoppable(createServer(answer));
server.listen(port);
process.on("SIGTERM", () => server.stop());
