/**
 * What lastcall reads of Node's HTTP server, and changes in it, that has no public name. Few things, each stable on Node
 * 20 to 26 and touched nowhere else; the test suite runs on all four.
 *
 * @module
 */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { ServerHttp2Session } from "node:http2";
import type { Server, Socket } from "node:net";

import type { Fence } from "../fence.js";

interface Parser {
  socket: Socket | null;
  incoming: IncomingMessage | null;
}

/** Node's native list of HTTP connections: the one that `closeIdleConnections()` consults. */
interface ConnectionsList {
  all(): Parser[];
  active(): Parser[];
}

/** The list of a server's HTTP connections, or undefined when this runtime keeps none. */
function connectionsList(server: Server): ConnectionsList | undefined {
  return bySymbol(server, "http.server.connections") as ConnectionsList | undefined;
}

/** The first symbol of an object that is described so. */
export function findSymbol(owner: object, description: string): symbol | undefined {
  return Object.getOwnPropertySymbols(owner).find(
    (candidate) => candidate.description === description,
  );
}

function bySymbol(owner: object, description: string): unknown {
  const symbol = findSymbol(owner, description);
  return symbol && (owner as Record<symbol, unknown>)[symbol];
}

function socketsOf(parsers: Parser[]): Set<Socket> {
  const sockets = parsers.map((parser) => parser.socket);
  return new Set(sockets.filter((socket) => socket !== null));
}

/** Sockets that speak HTTP at this moment: TLS handshakes and upgraded sockets are not among them. */
export function httpSockets(server: Server): Set<Socket> {
  return socketsOf(connectionsList(server)?.all() ?? []);
}

/**
 * Sockets with a request of which not every byte has arrived; before Node 26 also the fresh ones.
 * Undefined where the runtime does not tell.
 */
export function receivingSockets(server: Server, fence: Fence): Set<Socket> | undefined {
  const read = (): Set<Socket> | undefined => {
    const list = connectionsList(server);
    return list && socketsOf(list.active());
  };
  return fence.askNode("receiving connections", read, undefined);
}

/** The response that owns the socket now; those of pipelined requests wait behind it. */
export function currentResponse(socket: Socket): ServerResponse | undefined {
  return (socket as Socket & { _httpMessage?: ServerResponse | null })._httpMessage ?? undefined;
}

/** The request that was parsed last, until its response is finished. */
export function newestRequest(socket: Socket): IncomingMessage | undefined {
  return (socket as Socket & { parser?: Parser | null }).parser?.incoming ?? undefined;
}

/** Whether a request has taken its socket over by `upgrade` or `CONNECT`: it has no response. */
export function isUpgrade(req: IncomingMessage): boolean {
  return (req as IncomingMessage & { upgrade?: boolean | null }).upgrade === true;
}

/** What a response hands over to be sent: text or bytes, their encoding, a callback, their length. */
export type SendArguments = [
  data: string | Uint8Array,
  encoding?: string | null,
  callback?: ((error?: Error) => void) | null,
  byteLength?: number,
];

/** A response, and how its head is kept until its first part is sent. */
export type Outgoing = ServerResponse & {
  _header: string | null;
  _headerSent: boolean;
  /** Whether the connection ends after it. */
  _last: boolean;
  /** Sends a part of the body, and before the first one the head. */
  _send(...args: SendArguments): boolean;
};

/** Whether the head has been handed to the socket; `headersSent` is true as soon as it is made. */
export function isHeadSent(res: ServerResponse): boolean {
  return (res as Outgoing)._headerSent;
}

/** Options of a connection that say whether it goes on. */
const PERSISTENCE = /^(?:close|keep-alive)$/i;

/** Makes a head that is not sent yet tell the client that the connection closes. */
export function sayClose(res: ServerResponse): void {
  const outgoing = res as Outgoing;
  const head = outgoing._header;
  // After 101 another protocol is spoken, which has its own words.
  if (head === null || outgoing._headerSent || res.statusCode === 101) return;
  const said = [...head.matchAll(/^connection:(.*)\r\n/gim)].flatMap(([, value = ""]) =>
    value.split(","),
  );
  const others = said
    .map((each) => each.trim())
    .filter((each) => each !== "" && !PERSISTENCE.test(each));
  const kept = head.replaceAll(/^(?:connection|keep-alive):.*\r\n/gim, "");
  outgoing._header = `${kept.slice(0, -2)}Connection: ${[...others, "close"].join(", ")}\r\n\r\n`;
  outgoing._last = true;
}

/** Whether the response's head, once made, told the client that the connection closes. */
export function saidClose(res: ServerResponse): boolean {
  return res.headersSent && (res as Outgoing)._last;
}

/** The TCP or pipe socket below a TLS socket; any other socket itself. */
export function rawSocket(socket: Socket): Socket {
  return (socket as Socket & { _parent?: Socket })._parent ?? socket;
}

/** Raw sockets that the server accepted before the count began. */
export function acceptedSockets(server: Server): Socket[] {
  const handles = (
    process as NodeJS.Process & { _getActiveHandles(): unknown[] }
  )._getActiveHandles();
  return (handles as (Socket & { server?: Server })[]).filter(
    (handle) => handle.server === server && rawSocket(handle) === handle,
  );
}

/**
 * Sessions that began before the count began. Before Node 24 a server keeps no list of them; there
 * a session shows itself only with its next stream.
 */
export function http2Sessions(server: Server): Iterable<ServerHttp2Session> {
  return (bySymbol(server, "sessions") as Iterable<ServerHttp2Session> | undefined) ?? [];
}

/** Bytes handed to the kernel's side of the socket and not taken by it yet. */
export function unsentBytes(raw: Socket): number {
  const handle = (raw as Socket & { _handle?: { writeQueueSize?: number } | null })._handle;
  return handle?.writeQueueSize ?? 0;
}

/** Bytes that the kernel has taken from the socket. */
export function sentBytes(raw: Socket): number {
  const handle = (raw as Socket & { _handle?: { bytesWritten?: number } | null })._handle;
  return (handle?.bytesWritten ?? 0) - unsentBytes(raw);
}

/** The head of a response as it was sent; empty before, and for HTTP/2. */
export function sentHead(res: ServerResponse): string {
  return (res as Partial<Outgoing>)._header ?? "";
}

/** Whether a client can tell the end of an unfinished response by the end of its connection alone (RFC 9112 §6.3). */
export function endsWithConnection(res: ServerResponse | undefined): boolean {
  if (res === undefined || !isHeadSent(res) || res.writableFinished) return false;
  return !/^(?:content-length|transfer-encoding):/im.test(sentHead(res));
}

/** Lets a socket end with a reset when it is destroyed, as `resetAndDestroy()` does, which waits for what is unsent. */
export function resetWhenDestroyed(raw: Socket): void {
  const { _handle: handle } = raw as Socket & { _handle?: { reset?: unknown } | null };
  // A pipe has no reset.
  if (typeof handle?.reset === "function") Object.assign(raw, { resetAndClosing: true });
}

/** What a server listens on, see {@link listenerKind}. */
export type ListenerKind = "own" | "shared" | "round robin";

/**
 * What a server listens on. In a worker of a cluster, unless it has bound a socket of its own (`exclusive`, `reusePort`), Node gives its
 * listener a `close` of Node's: `shared`: the socket, which the other workers have too; `round robin`: no socket at all, the primary
 * accepts and hands over.
 */
export function listenerKind(server: Server): ListenerKind {
  const handle = (server as Server & { _handle?: object | null })._handle;
  if (handle === undefined || handle === null || !Object.hasOwn(handle, "close")) return "own";
  return Object.getPrototypeOf(handle) === Object.prototype ? "round robin" : "shared";
}

/** Whether `child.send(message, socket)` has taken a socket's handle: there is no event, and never will be. */
export function isSentAway(raw: Socket): boolean {
  const { _handle: handle } = raw as Socket & { _handle?: object | null };
  return handle === null && !raw.destroyed && !raw.connecting;
}

/** Whether sockets of a server were sent to other processes, whose ends its own `close` event waits for. */
export function usesWorkers(server: Server): boolean {
  return (server as Server & { _usingWorkers?: boolean })._usingWorkers === true;
}
