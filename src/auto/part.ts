import type { ChildProcess } from "node:child_process";
import type { Server } from "node:net";

/** What the preload calls of what is loaded later. */
export interface Part {
  /** A server is about to listen. True: it must not, and its own method says so. */
  listens(server: Server, args: readonly unknown[]): boolean;
  /** A child process has sent what a service of lastcall's says to the one that leads it. */
  workerSaid(child: ChildProcess, message: unknown): void;
}
