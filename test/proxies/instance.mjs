// One of the instances behind a proxy: `node instance.mjs <way> <port>`. `evidence`: lastcall, which answers the proxy's health
// checks itself; `time`: lastcall, and the application answers them, so that nothing tells when the proxy has let go; `close`:
// server.close(), and a timer, for it waits for every connection that the proxy keeps; `exit`: server.close(), and the end at once.
import http from "node:http";

const [, , way, port] = process.argv;
let isReady = true;
let hasServed = false;

const server = http.createServer((req, res) => {
  if (req.url === "/readyz") {
    res.writeHead(isReady ? 200 : 503).end();
    return;
  }
  if (!hasServed) console.log("serves");
  hasServed = true;
  req.resume();
  setTimeout(() => res.end("ok"), 5 + Math.random() * 45);
});
// Longer than any of the proxies keeps a connection, as they want it.
server.keepAliveTimeout = 75_000;

const waits = { close: 1_000, exit: 0 };
if (way in waits) {
  process.on("SIGTERM", () => {
    isReady = false;
    server.close(() => process.exit(0));
    setTimeout(() => process.exit(0), waits[way]);
  });
} else {
  const { lastcall } = await import("lastcall");
  const service = lastcall({
    // A proxy that does not check has the whole of the lame duck to be asked by none.
    gracePeriod: 20_000,
    lameDuck: { min: 300, max: 5_000, fall: 2 },
    probes: way === "evidence",
  });
  service.stopping.addEventListener("abort", () => (isReady = false));
  service.attach(server);
}
server.listen(Number(port), "127.0.0.1", () => console.log("listening"));
