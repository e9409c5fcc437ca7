import { start } from "./srvx-app.js";

start({ gracefulShutdown: { gracefulTimeout: 7 } });
