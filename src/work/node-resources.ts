/**
 * What keeps the process alive, as far as Node tells: `process.getActiveResourcesInfo()` has names, and two
 * functions without a public name have the objects behind them, in the same order. What runs in the thread pool for
 * `crypto` and `zlib`, and worker threads, is in neither.
 *
 * @module
 */
import { ChildProcess } from "node:child_process";
import type { ClientRequest } from "node:http";
import { Server, Socket } from "node:net";

/** Something that keeps the process alive. */
export interface Resource {
  /** Node's name for it: `Timeout`, `TCPSocketWrap`, `FSReqCallback`. */
  readonly kind: string;
  /** The application's object, where there is one and Node tells. */
  readonly object: object | undefined;
}

/** Other runtimes have not all of them. */
interface Internals {
  getActiveResourcesInfo?(): string[];
  _getActiveRequests?(): (object | undefined)[];
  _getActiveHandles?(): (object | undefined)[];
}

/** What keeps the process alive, without its standard streams and the channel to its parent. */
export function activeResources(): Resource[] {
  const internals = process as unknown as Internals;
  // In one turn, so that the three are of one moment: requests first, then handles, then timers.
  const kinds = internals.getActiveResourcesInfo?.() ?? [];
  const requests = internals._getActiveRequests?.() ?? [];
  const objects = [...requests, ...(internals._getActiveHandles?.() ?? [])];
  const resources = kinds.map((kind, index) => ({ kind, object: objects[index] }));
  return resources.filter(({ object }) => object === undefined || isOfApplication(object));
}

function isOfApplication(object: object): boolean {
  // A pipe without a socket around it is the channel to the parent.
  if (object.constructor?.name === "Pipe") return false;
  // A request to write says to which handle.
  const handle = "handle" in object ? object.handle : handleOf(object);
  return handle !== null && !isStandard(handle);
}

/** Null when it is being closed; undefined where it has none, or does not tell. */
function handleOf(object: object): unknown {
  // A UDP socket's getter would be a deprecation warning.
  const isSafe = object instanceof Socket || Object.hasOwn(object, "_handle");
  return isSafe ? (object as { _handle?: unknown })._handle : undefined;
}

function isStandard(handle: unknown): boolean {
  const { fd } = (handle ?? {}) as { fd?: number };
  return fd !== undefined && fd >= 0 && fd <= 2;
}

/** A resource, and whose it is: an address, a request, a program. */
export function describeResource({ kind, object }: Resource): {
  kind: string;
  owner: string | undefined;
} {
  return { kind, owner: object && ownerOf(object) };
}

function ownerOf(object: object): string | undefined {
  if (object instanceof Socket) return ownerOfSocket(object);
  if (object instanceof Server) return addressOf(object);
  if (object instanceof ChildProcess) return `${object.spawnfile} (${object.pid})`;
  // A connection that is being made.
  const { address, port } = object as { address?: unknown; port?: unknown };
  return typeof address === "string" && typeof port === "number" ? `${address}:${port}` : undefined;
}

interface Carrier {
  /** The client's request that it carries. */
  _httpMessage?: Partial<ClientRequest> | null;
  /** The server that accepted it. */
  server?: unknown;
}

function ownerOfSocket(socket: Socket & Carrier): string | undefined {
  const { _httpMessage: request } = socket;
  if (request?.host !== undefined) {
    const host = request.getHeader?.("host") ?? request.host;
    return `${request.method} ${request.protocol}//${String(host)}${request.path?.split("?", 1)[0]}`;
  }
  const { server, localPort, remoteAddress, remotePort } = socket;
  if (server instanceof Server) return `a client of port ${localPort}`;
  if (remoteAddress !== undefined) return `${remoteAddress}:${remotePort}`;
  return socket.connecting ? "connecting" : "a pipe or a local socket";
}

function addressOf(server: Server): string | undefined {
  const address = server.address();
  if (address === null || typeof address === "string") return address ?? undefined;
  return `${address.address}:${address.port}`;
}
