import { start } from "./srvx-app.js";

start({});
