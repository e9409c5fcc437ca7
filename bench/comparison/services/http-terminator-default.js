import { createServer } from "node:http";
import { createHttpTerminator } from "http-terminator";
import { answer, port } from "./app.js";

const server = createServer(answer).listen(port);
const httpTerminator = createHttpTerminator({ server });
process.on("SIGTERM", () => void httpTerminator.terminate());
