import { EventEmitter } from "node:events";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { IncomingHttpHeaders, ServerHttp2Session, ServerHttp2Stream } from "node:http2";
import type { Server, Socket } from "node:net";

import { LastcallError } from "../errors.js";
import type { Fence } from "../fence.js";
import { inContext } from "../request/current.js";
import type { AnyRequest } from "../request/signal.js";

/** What the guard tells of those that come. */
export interface ClientWatcher {
  connected(raw: Socket): void;
  secured(socket: Socket): void;
  /** A request has begun. False: it must not be executed. */
  admits(req: IncomingMessage, res: ServerResponse): boolean;
  /** An HTTP/2 session has begun. */
  session(session: ServerHttp2Session): void;
  /** A stream of one has begun. False: the application must not see it. */
  streamed(stream: ServerHttp2Stream, headers: IncomingHttpHeaders): boolean;
  upgraded(socket: Socket, req: IncomingMessage): void;
  /** The client has sent what is no request. */
  broken(socket: Socket): void;
  /** The client speaks, by ALPN, what the server does not. */
  unknownProtocol(socket: Socket): void;
}

/** What the guard asks and tells about the listener. */
export interface ListenerWatcher {
  readonly isStopping: boolean;
  /** `listen()` was called, and did not throw. */
  listens(): void;
  listening(): void;
  /** The server has an error: of `listen()`, unless it listens. */
  failed(): void;
  /** Its owner has told it to close. */
  closes(): void;
  /** The last connection of a closed listener is gone. True when the application may hear of it. */
  drained(): boolean;
}

/** What other code does to the server during the drain. */
interface OthersWatcher {
  /** `listen()` was called. */
  toldToListen(): void;
  /** `close()` is called, which may also be how a drain begins. */
  beforeClose(): void;
  /** `close()` was called. */
  close(): void;
  /** Every connection is about to be destroyed. */
  cut(): void;
}

/** What the guard asks and tells about one server. */
interface Watcher {
  readonly fence: Fence;
  readonly clients: ClientWatcher;
  readonly listener: ListenerWatcher;
  readonly others: OthersWatcher;
  /** Whether requests are to be found from whatever their handlers call. */
  readonly isAmbient: boolean;
  /** Whether it must not listen: the drain has begun, or is over. */
  isRefusing(): boolean;
  /** Resolves when the drain has closed the listener and every connection. */
  readonly settled: Promise<void>;
}

/** The methods that stand in for the server's own while it is attached. */
interface Methods {
  emit: (this: Server, ...args: [event: string | symbol, ...unknown[]]) => boolean;
  listen: (this: Server, ...args: unknown[]) => Server;
  close: (this: Server, callback?: (error?: Error) => void) => Server;
  closeIdleConnections?: (this: Server) => void;
  closeAllConnections?: (this: Server) => void;
}

/**
 * Stands between Node and the application on one server object, by methods of its own that hide the
 * prototype's. `emit` is the only place where every connection and request is seen before any listener of
 * the application, whichever events it listens to and whenever it does; listeners of ours for
 * `checkContinue` or `upgrade` would change what Node does for applications that have none.
 * Returns the function that takes it all back, except that a stopped server stays stopped.
 */
export function guard(server: Server, watcher: Watcher): () => void {
  const { emit, listen, close, closeIdleConnections, closeAllConnections } =
    server as unknown as Methods;
  let isReleased = false;
  /** What has heard that the server is closed. */
  let heard: ReadonlySet<unknown> | undefined;
  void watcher.settled.then(() => {
    heard = new Set(listenersOfClose(server));
  });
  const { listener, others } = watcher;
  const own: Methods = {
    emit(...args) {
      if (!isReleased && !see(watcher, args[0], args[1], args[2])) return true;
      if (!watcher.isAmbient || !isRequest(args[0])) return Reflect.apply(emit, this, args);
      return inContext(contextOf(args), Reflect.apply, emit, this, args) as boolean;
    },

    // `http.Server.close` destroys idle sockets at once, with requests unread in the kernel;
    // `http2`'s sends GOAWAY to all at the worst moment, or on Node 20 and 22 to none. During a
    // drain the application's own call joins the drain instead.
    close(callback) {
      if (isReleased) return close.call(this, callback);
      others.beforeClose();
      if (!listener.isStopping) {
        const closed = close.call(this, callback);
        listener.closes();
        return closed;
      }
      others.close();
      if (callback !== undefined) void watcher.settled.then(() => callback());
      if (heard !== undefined) process.nextTick(tellLate, this, heard);
      return this;
    },

    listen(...args) {
      if (!watcher.isRefusing()) {
        const listening = Reflect.apply(listen, this, args);
        if (!isReleased) listener.listens();
        return listening;
      }
      const isOver = isReleased;
      if (!isOver) others.toldToListen();
      const error = new LastcallError(
        "ERR_LASTCALL_STOPPING",
        "server.listen() was called after the drain began; nothing is bound",
      );
      // As Node reports any other failure to listen. A program that is told to stop while it starts comes here during
      // the drain: where nothing hears of the error, it must not crash the process.
      process.nextTick(() => {
        if (isOver || this.listenerCount("error") > 0) this.emit("error", error);
      });
      return this;
    },
  };
  if (closeIdleConnections !== undefined) {
    // It also truncates responses whose end() was called and whose bytes are not yet sent.
    own.closeIdleConnections = function () {
      if (isReleased || !listener.isStopping) closeIdleConnections.call(this);
    };
  }
  if (closeAllConnections !== undefined) {
    own.closeAllConnections = function () {
      if (!isReleased && listener.isStopping) others.cut();
      closeAllConnections.call(this);
    };
  }
  const before = Object.getOwnPropertyDescriptors(server) as PropertyDescriptorMap;
  Object.assign(server, own);

  return () => {
    isReleased = true;
    for (const name of Object.keys(own) as (keyof Methods)[]) {
      if (name === "listen" && listener.isStopping) continue;
      restore(server as unknown as Partial<Methods>, name, own[name], before[name]);
    }
  };
}

/** Tracers put methods of their own on servers as well, before or after ours. */
function restore<N extends keyof Methods>(
  server: Partial<Methods>,
  name: N,
  ours: Methods[N],
  before: PropertyDescriptor | undefined,
): void {
  // Other code has wrapped ours since. It stays below theirs, and only passes on from now.
  if (server[name] !== ours) return;
  if (before === undefined) delete server[name];
  else Object.defineProperty(server, name, before);
}

/** One that took its socket over is not over before that is, and nothing else holds it. */
function contextOf([event, request]: unknown[]): AnyRequest | WeakRef<AnyRequest> {
  const isTakenOver = event === "upgrade" || event === "connect";
  return isTakenOver ? (request as AnyRequest) : new WeakRef(request as AnyRequest);
}

/** Whether an event brings a request, or a stream that is one. */
function isRequest(event: string | symbol): boolean {
  switch (event) {
    case "request":
    case "checkContinue":
    case "checkExpectation":
    case "stream":
    case "upgrade":
    case "connect":
      return true;
    default:
      return false;
  }
}

/**
 * Shows an event to the watcher. False when the application must not see it. What goes wrong here is neither
 * Node's business nor the application's: it gets the event.
 */
function see(watcher: Watcher, event: string | symbol, first: unknown, second: unknown): boolean {
  try {
    return show(watcher, event, first, second);
  } catch (thrown) {
    watcher.fence.failed(`see the server's "${String(event)}"`, thrown);
    return true;
  }
}

function show(watcher: Watcher, event: string | symbol, first: unknown, second: unknown): boolean {
  const { clients, listener } = watcher;
  switch (event) {
    case "request":
    case "checkContinue":
    case "checkExpectation":
      return clients.admits(first as IncomingMessage, second as ServerResponse);
    case "connection":
      clients.connected(first as Socket);
      return true;
    case "secureConnection":
      clients.secured(first as Socket);
      return true;
    case "session":
      clients.session(first as ServerHttp2Session);
      return true;
    case "stream":
      return clients.streamed(first as ServerHttp2Stream, second as IncomingHttpHeaders);
    case "clientError":
      clients.broken(second as Socket);
      return true;
    case "unknownProtocol":
      clients.unknownProtocol(first as Socket);
      return true;
    case "upgrade":
    case "connect":
      clients.upgraded(second as Socket, first as IncomingMessage);
      return true;
    case "listening":
      listener.listening();
      return true;
    case "error":
      listener.failed();
      return true;
    case "close":
      return listener.drained();
    default:
      return true;
  }
}

/** Node says so of a server that is closed again, too; code that closes it in a hook waits for that. The others have heard. */
function tellLate(server: Server, heard: ReadonlySet<unknown>): void {
  for (const listener of listenersOfClose(server)) {
    if (!heard.has(listener)) Reflect.apply(listener, server, []);
  }
}

/** By Node's own method: the server's may be a tracer's, and throw. */
function listenersOfClose(server: Server): readonly (() => void)[] {
  return EventEmitter.prototype.rawListeners.call(server, "close") as (() => void)[];
}
