// Its delay as long as the balancer's, and a handler that waits for the close.
import { createServer } from "node:http";
import lightshipPackage from "lightship";
import { answer, LAG_MS, port } from "./app.js";

const lightship = await lightshipPackage.createLightship({
  detectKubernetes: false,
  port: port + 1,
  shutdownDelay: LAG_MS,
  shutdownHandlerTimeout: 7_000,
  terminate: () => process.exit(0),
});
const server = createServer(answer).listen(port, () => lightship.signalReady());
lightship.registerShutdownHandler(() => new Promise((resolve) => server.close(() => resolve())));
