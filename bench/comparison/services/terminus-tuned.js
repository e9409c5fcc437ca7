// As its page on Kubernetes advises: a delay before the shutdown, and time for requests in flight.
import { createServer } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { createTerminus } from "@godaddy/terminus";
import { answer, LAG_MS, port } from "./app.js";

const server = createServer(answer);
createTerminus(server, {
  healthChecks: { "/healthcheck": () => Promise.resolve() },
  beforeShutdown: () => sleep(LAG_MS),
  onSignal: () => Promise.resolve(),
  timeout: 5_000,
  useExit0: true,
});
server.listen(port);
