/**
 * What lastcall reads of Node's HTTP server that has no public name. Few things, each stable on Node
 * 20 to 26 and read nowhere else; the test suite runs on all four.
 *
 * @module
 */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { ServerHttp2Session } from "node:http2";
import type { Server, Socket } from "node:net";

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

function bySymbol(owner: object, description: string): unknown {
  const symbol = Object.getOwnPropertySymbols(owner).find(
    (candidate) => candidate.description === description,
  );
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
export function receivingSockets(server: Server): Set<Socket> | undefined {
  const list = connectionsList(server);
  return list && socketsOf(list.active());
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

/** Whether the response's head, once made, told the client that the connection closes. */
export function saidClose(res: ServerResponse): boolean {
  return res.headersSent && (res as ServerResponse & { _last: boolean })._last;
}

/** The TCP or pipe socket below a TLS socket; any other socket itself. */
export function rawSocket(socket: Socket): Socket {
  return (socket as Socket & { _parent?: Socket })._parent ?? socket;
}

/** Raw sockets that the server accepted before anybody kept count. */
export function acceptedSockets(server: Server): Socket[] {
  const handles = (
    process as NodeJS.Process & { _getActiveHandles(): unknown[] }
  )._getActiveHandles();
  return (handles as (Socket & { server?: Server })[]).filter(
    (handle) => handle.server === server && rawSocket(handle) === handle,
  );
}

/**
 * Sessions that began before anybody kept count. Before Node 24 a server keeps no list of them; there
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
  return (res as ServerResponse & { _header?: string | null })._header ?? "";
}
