import { createServer } from "node:http";
import lightshipPackage from "lightship";
import { answer, port } from "./app.js";

const lightship = await lightshipPackage.createLightship();
const server = createServer(answer).listen(port, () => lightship.signalReady());
lightship.registerShutdownHandler(() => {
  server.close();
});
