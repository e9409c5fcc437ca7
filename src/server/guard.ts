import type { IncomingMessage, Server as HttpServer, ServerResponse } from "node:http";
import type { Socket } from "node:net";

import { LastcallError } from "../errors.js";

/** What the guard asks and tells about one server. */
export interface Watcher {
  readonly isStopping: boolean;
  connected(raw: Socket): void;
  secured(socket: Socket): void;
  /** A request has begun. False: it must not be executed. */
  admits(req: IncomingMessage, res: ServerResponse): boolean;
  upgraded(socket: Socket): void;
  listening(): void;
  /** The last connection of a closed listener is gone. True when the application may hear of it. */
  drained(): boolean;
  /** Somebody else called `close()` during the drain. */
  foreignClose(): void;
}

/** The methods that stand in for the server's own while it is attached. */
const OWN = ["emit", "close", "closeIdleConnections"] as const;

/**
 * Stands between Node and the application on one server object, by methods of its own that hide the
 * prototype's. `emit` is the only place where every connection and request is seen before any listener of
 * the application, whichever events it listens to and whenever it does; listeners of ours for
 * `checkContinue` or `upgrade` would change what Node does for applications that have none.
 * Returns the function that takes it all back, except that a stopped server stays stopped.
 */
export function guard(server: HttpServer, watcher: Watcher): () => void {
  const original = { emit: server.emit, listen: server.listen, close: server.close };
  const idle = server.closeIdleConnections;

  server.emit = function emit(this: HttpServer, ...args: [string | symbol, ...unknown[]]) {
    if (!see(watcher, args)) return true;
    return Reflect.apply(original.emit, this, args) as boolean;
  } as HttpServer["emit"];

  // `http.Server.close` destroys idle sockets at once, with requests unread in the kernel. During a
  // drain the application's own call joins the drain instead.
  server.close = function close(this: HttpServer, callback?: (error?: Error) => void) {
    if (!watcher.isStopping) return original.close.call(this, callback);
    watcher.foreignClose();
    if (callback !== undefined) this.once("close", callback);
    return this;
  };

  // It also truncates responses whose end() was called and whose bytes are not yet sent.
  server.closeIdleConnections = function closeIdleConnections(this: HttpServer) {
    if (!watcher.isStopping) idle.call(this);
  };

  const listen = function listenUnlessStopping(this: HttpServer, ...args: unknown[]) {
    if (!watcher.isStopping) return Reflect.apply(original.listen, this, args) as HttpServer;
    const error = new LastcallError(
      "ERR_LASTCALL_STOPPING",
      "server.listen() was called after the drain began; nothing is bound",
    );
    // As Node reports any other failure to listen.
    process.nextTick(() => this.emit("error", error));
    return this;
  };
  server.listen = listen as HttpServer["listen"];

  return () => {
    for (const name of OWN) delete (server as Partial<HttpServer>)[name];
    if (!watcher.isStopping) delete (server as Partial<HttpServer>).listen;
  };
}

/** Shows an event to the watcher. False when the application must not see it. */
function see(watcher: Watcher, [event, first, second]: unknown[]): boolean {
  switch (event) {
    case "request":
    case "checkContinue":
    case "checkExpectation":
      return watcher.admits(first as IncomingMessage, second as ServerResponse);
    case "connection":
      watcher.connected(first as Socket);
      return true;
    case "secureConnection":
      watcher.secured(first as Socket);
      return true;
    case "upgrade":
    case "connect":
      watcher.upgraded(second as Socket);
      return true;
    case "listening":
      watcher.listening();
      return true;
    case "close":
      return watcher.drained();
    default:
      return true;
  }
}
