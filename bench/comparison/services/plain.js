// The usual advice: close the server on the signal.
import { createServer } from "node:http";
import { answer, port } from "./app.js";

const server = createServer(answer).listen(port);
process.on("SIGTERM", () => server.close(() => process.exit(0)));
