import { createServer } from "node:http";
import { createTerminus } from "@godaddy/terminus";
import { answer, port } from "./app.js";

const server = createServer(answer);
createTerminus(server, {
  healthChecks: { "/healthcheck": () => Promise.resolve() },
  onSignal: () => Promise.resolve(),
});
server.listen(port);
