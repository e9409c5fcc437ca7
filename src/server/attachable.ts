import http from "node:http";
import https from "node:https";
import type { Http2SecureServer, Http2Server } from "node:http2";
import net, { type Server } from "node:net";

import { LastcallError, describe } from "../errors.js";

/** A server that can be taken into care. An `https` server is an `http` server to TypeScript. */
export type AttachableServer = http.Server | Http2Server | Http2SecureServer;

/** Node does not export the classes; no other server has settings to update. */
export function isHttp2(server: Server): server is Http2Server | Http2SecureServer {
  return typeof (server as Partial<Http2Server>).updateSettings === "function";
}

/** Node's own, whatever a subclass of the application's does in its place. */
export function closeOfItsOwn(server: AttachableServer): (this: Server) => unknown {
  return (isHttp2(server) ? Object.getPrototypeOf(server) : http.Server.prototype).close;
}

/** @throws {LastcallError} `ERR_LASTCALL_SERVER` for what cannot be taken into care. */
export function checkServer(server: unknown): void {
  const isHttp = server instanceof http.Server || server instanceof https.Server;
  if (!isHttp && !(server instanceof net.Server && isHttp2(server))) {
    throw new LastcallError(
      "ERR_LASTCALL_SERVER",
      `Expected the server of node:http, node:https or node:http2, got ${describe(server)}`,
    );
  }
  if (process.versions["bun"] !== undefined) {
    throw new LastcallError(
      "ERR_LASTCALL_SERVER",
      "Bun's HTTP server cannot stop accepting without destroying connections; lastcall needs Node",
    );
  }
}
