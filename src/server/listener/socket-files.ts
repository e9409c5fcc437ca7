import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { lstatSync } from "node:fs";
import type { Server } from "node:net";

import type { Fence } from "../../fence.js";
import { keepSocketFiles } from "../../process/exit/keep-files.js";

/** Node's handle of a listening Unix socket. */
interface PipeHandle {
  close(callback?: () => void): void;
  unref(): void;
  onconnection: (status: number, client?: { close(): void }) => void;
}

/** Node tells of every server that begins to listen, also of those in which a cluster's primary does it. */
const LISTENING = "tracing:net.server.listen:asyncEnd";

/**
 * Keeps the listeners of this process that are on Unix sockets from removing the file of their successor. libuv removes
 * the path when a listener is closed, whatever lies there by then: an instance that has removed the file of this one
 * and listens there now would be cut off from its clients. Such a listener is not closed. No client can reach it
 * any more, and the end of the process takes it.
 */
export class SocketFiles {
  readonly #guarded = new Set<Partial<PipeHandle>>();
  readonly #onListening: (message: unknown) => void;
  readonly #fence: Fence;

  constructor(fence: Fence) {
    this.#fence = fence;
    this.#onListening = fence.callback("see a server listen", (message) => {
      this.guard((message as { server: Server }).server);
    });
    subscribe(LISTENING, this.#onListening);
  }

  /** Guards the file of a server that listens; does nothing for one on a port. */
  guard(server: Server): void {
    const handle = pipeHandle(server);
    const path = this.#fence.ask("address of a server", () => server.address(), null);
    if (handle === undefined || typeof path !== "string" || Object.hasOwn(handle, "close")) return;
    const own = identify(path);
    if (own === undefined) return;
    this.#guarded.add(handle);
    handle.close = (callback) => {
      this.#free(handle);
      const current = identify(path);
      if (current === undefined || current === own) handle.close(callback);
      else leaveOpen(handle, callback);
    };
  }

  #free(handle: Partial<PipeHandle>): void {
    this.#guarded.delete(handle);
    delete handle.close;
  }

  /** Guards those no longer that begin to listen from now on. */
  stop(): void {
    unsubscribe(LISTENING, this.#onListening);
  }

  /** Takes everything back. */
  release(): void {
    this.stop();
    for (const handle of this.#guarded) this.#free(handle);
  }
}

/** A worker of a cluster has a listener in name only; its primary has the file. */
function pipeHandle(server: Server): PipeHandle | undefined {
  const { _handle: handle } = server as Server & { _handle?: PipeHandle | null };
  return handle?.constructor.name === "Pipe" ? handle : undefined;
}

/** Which file lies there; undefined where there is none, as for sockets without one. */
function identify(path: string): string | undefined {
  try {
    const { dev, ino } = lstatSync(path, { bigint: true });
    return `${dev}:${ino}`;
  } catch {
    return undefined;
  }
}

function leaveOpen(handle: PipeHandle, callback: (() => void) | undefined): void {
  keepSocketFiles();
  handle.unref();
  handle.onconnection = (_status, client) => client?.close();
  if (callback !== undefined) process.nextTick(callback);
}
