import { createServer } from "node:http";
import lightshipPackage from "lightship";
import { answer, port } from "./app.js";

// As in Kubernetes: elsewhere it does not listen for signals. Its probes are on a port of their own.
const lightship = await lightshipPackage.createLightship({
  detectKubernetes: false,
  port: port + 1,
});
const server = createServer(answer).listen(port, () => lightship.signalReady());
lightship.registerShutdownHandler(() => {
  server.close();
});
