import type { IncomingMessage, ServerResponse } from "node:http";
import type { ServerHttp2Stream } from "node:http2";
import type { Server, Socket } from "node:net";

import { msSince, now } from "../../clock.js";

/** A request that has begun. */
interface Begun {
  readonly method: string;
  readonly path: string;
  readonly at: number;
}

/** A request whose answer did not get out whole. */
export interface Unanswered {
  readonly method: string;
  readonly path: string;
  readonly ageMs: number;
}

type Emit = (this: Server, ...args: unknown[]) => boolean;

/** What is open on a server at the moment, seen from beside it: each event passes by, and nothing is changed. */
export class WatchedServer {
  readonly #sockets = new Set<Socket>();
  readonly #upgraded = new Set<Socket>();
  readonly #requests = new Map<object, Begun>();
  /** Connections accepted so far. */
  accepted = 0;
  /** Requests whose connection ended before their answer did. */
  lost = 0;

  constructor(server: Server) {
    const owner = server as unknown as { emit: Emit };
    const { emit } = owner;
    const see = (args: readonly unknown[]): void => this.#see(args);
    owner.emit = function (...args) {
      see(args);
      return Reflect.apply(emit, this, args);
    };
  }

  get open(): { connections: number; inFlight: number; upgraded: number } {
    return {
      connections: this.#sockets.size,
      inFlight: this.#requests.size,
      upgraded: this.#upgraded.size,
    };
  }

  get unanswered(): Unanswered[] {
    return [...this.#requests.values()].map(({ at, ...rest }) => ({ ...rest, ageMs: msSince(at) }));
  }

  /** What throws here is no business of the program's. */
  #see([event, first, second]: readonly unknown[]): void {
    try {
      switch (event) {
        case "connection":
          this.#came(first as Socket);
          break;
        case "request":
        case "checkContinue":
          this.#begins(first as IncomingMessage, second as ServerResponse);
          break;
        case "stream":
          this.#streams(first as ServerHttp2Stream, second as Record<string, string>);
          break;
        case "upgrade":
        case "connect":
          this.#takes(second as Socket);
          break;
      }
    } catch {
      // A request of another shape is not counted.
    }
  }

  #came(socket: Socket): void {
    this.accepted++;
    this.#sockets.add(socket);
    socket.once("close", () => this.#sockets.delete(socket));
  }

  #begins({ method = "", url = "", httpVersionMajor }: IncomingMessage, res: ServerResponse): void {
    // Of HTTP/2 it is known as a stream.
    if (httpVersionMajor === 2) return;
    this.#add(res, { method, path: pathOf(url), at: now() }, () => res.writableFinished);
  }

  #streams(stream: ServerHttp2Stream, { ":method": method = "", ":path": url = "" }): void {
    this.#add(stream, { method, path: pathOf(url), at: now() }, () => stream.rstCode === 0);
  }

  #add(exchange: ServerResponse | ServerHttp2Stream, begun: Begun, isWhole: () => boolean): void {
    this.#requests.set(exchange, begun);
    exchange.once("close", () => {
      this.#requests.delete(exchange);
      if (!isWhole()) this.lost++;
    });
  }

  #takes(socket: Socket): void {
    this.#upgraded.add(socket);
    socket.once("close", () => this.#upgraded.delete(socket));
  }
}

/** Without its query, which may hold what no log should. */
function pathOf(url: string): string {
  return url.split("?", 1)[0] ?? "";
}
