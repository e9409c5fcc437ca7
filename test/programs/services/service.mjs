// What every service here shares: it says its pid, leaves its exit code in a file, and answers /slow after a second, or SLOW ms. OPTIONS are
// those of lastcall; "plain": none, and what most services do instead; "exit": nothing at all.
import { writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { lastcall } from "lastcall";

const options = process.env.OPTIONS ?? "{}";

process.on("exit", (code) => writeFileSync(`exit-${process.pid}`, String(code)));

/** The service, or undefined for the plain one. */
export function createService() {
  if (options === "plain" || options === "exit") return undefined;
  return lastcall({ gracePeriod: 10_000, ...JSON.parse(options) });
}

export function answer(req, res) {
  setTimeout(() => res.end("ok\n"), req.url === "/slow" ? Number(process.env.SLOW ?? 1_000) : 0);
}

/** Stops as most services do where there is no lastcall. */
export function attach(service, server) {
  if (service !== undefined) return service.attach(server);
  if (options === "exit") return server;
  const stop = () => {
    server.close(() => process.exit(0));
    server.closeIdleConnections();
  };
  process.once("SIGTERM", stop).once("SIGINT", stop);
  return server;
}

export function serve(service, listener = answer) {
  const server = attach(service, createServer(listener));
  server.listen(Number(process.env.PORT), "127.0.0.1", () => console.log(`pid ${process.pid}`));
  return server;
}
