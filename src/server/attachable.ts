import http, { type Server as HttpServer } from "node:http";
import type { Http2SecureServer, Http2Server } from "node:http2";
import net, { type Server } from "node:net";
import type { Server as TlsServer } from "node:tls";

import { LastcallError, describe } from "../errors.js";
import { shared } from "../shared.js";

/** A server that can be taken into care. An `https` server is an `http` server to TypeScript. */
export type AttachableServer = HttpServer | Http2Server | Http2SecureServer;

const ours = shared("own servers", () => new WeakSet<object>());

/** A server of lastcall's own: it is in no service's care. */
export function markOwn(server: Server): void {
  ours.add(server);
}

export function isOwn(server: Server): boolean {
  return ours.has(server);
}

/** Node does not export the classes; no other server has settings to update. */
export function isHttp2(server: Server): server is Http2Server | Http2SecureServer {
  return typeof (server as Partial<Http2Server>).updateSettings === "function";
}

/** By shape: importing `node:tls` would cost every service without it. */
export function isTls(server: unknown): server is TlsServer {
  return (
    server instanceof net.Server &&
    typeof (server as Partial<TlsServer>).setSecureContext === "function"
  );
}

/** Other servers of TLS have no connections that could be idle. */
function isHttps(server: unknown): boolean {
  return isTls(server) && "closeIdleConnections" in server;
}

/** Node's own, whatever a subclass of the application's does in its place. */
export function closeOfItsOwn(server: AttachableServer): (this: Server) => unknown {
  return (isHttp2(server) ? Object.getPrototypeOf(server) : http.Server.prototype).close;
}

const LISTENING = Object.getOwnPropertyDescriptor(net.Server.prototype, "listening");

/** Node's own answer, whatever the application has made of the property. */
export function isListening(server: Server): boolean {
  return LISTENING?.get?.call(server) === true;
}

/** Runtimes that have `node:http`, by their name in `process.versions`, and what it cannot do there. */
const REFUSED: Readonly<Record<string, string>> = {
  bun: "Bun's HTTP server cannot stop accepting without destroying connections",
  deno: "Deno's HTTP server does not tell a silent connection from one whose request is on its way",
};

/** @throws {LastcallError} `ERR_LASTCALL_SERVER` for what cannot be taken into care. */
export function checkServer(server: unknown): void {
  for (const [runtime, why] of Object.entries(REFUSED)) {
    if (process.versions[runtime] === undefined) continue;
    throw new LastcallError("ERR_LASTCALL_SERVER", `${why}; lastcall needs Node`);
  }
  const isHttp = server instanceof http.Server || isHttps(server);
  if (!isHttp && !(server instanceof net.Server && isHttp2(server))) {
    throw new LastcallError(
      "ERR_LASTCALL_SERVER",
      `Expected the server of node:http, node:https or node:http2, got ${describe(server)}`,
    );
  }
}
