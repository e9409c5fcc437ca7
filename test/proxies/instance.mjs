// One of the instances behind a proxy, in another way than examples/proxies/server.js: `node instance.mjs <way> <port>`. `time`:
// lastcall, and the application answers the proxy's health checks, so that nothing tells when the proxy has let go; `close`:
// server.close(), and a timer, for it waits for every connection that the proxy keeps; `exit`: server.close(), and the end at once.
import http from "node:http";

import { app, state } from "./app.mjs";

const [, , way, port] = process.argv;
const server = http.createServer(app);
// Longer than any of the proxies keeps a connection, as they want it.
server.keepAliveTimeout = 75_000;

const waits = { close: 1_000, exit: 0 };
if (way in waits) {
  process.on("SIGTERM", () => {
    state.isReady = false;
    server.close(() => process.exit(0));
    setTimeout(() => process.exit(0), waits[way]);
  });
} else {
  const { lastcall } = await import("lastcall");
  const service = lastcall();
  service.stopping.addEventListener("abort", () => (state.isReady = false));
  service.attach(server);
}
server.listen(Number(port), "127.0.0.1");
