import {
  createServer,
  Server as NetServer,
  type AddressInfo,
  type Server,
  type Socket,
} from "node:net";

import { doneBy, now } from "../../clock.js";
import { isListening, type AttachableServer } from "../attachable.js";
import type { Connection } from "../connection/connection.js";
import { leadsTo, type Destination } from "./own-address.js";
import { redirectConnections } from "./redirect.js";

/** How long a listener may take to begin, in ms. It binds in the next turn, or fails. */
const LONGEST_OPEN = 250;

/** A server whose requests may ask it, or another one of its service. */
export interface Asked {
  readonly server: AttachableServer;
  readonly connections: ReadonlySet<Connection>;
}

/** Where a server listened, and the listener that stands in for that. */
interface StandIn {
  readonly bound: AddressInfo;
  readonly own: AddressInfo;
}

/**
 * Requests in flight that ask a server of their own service after its listener has closed: a page that is rendered on the
 * server and fetches its own API. Connections from outside are refused by then. Those of the process itself are led to
 * a listener apart, on the loopback, which hands them to the server like any others: as long as a request from outside is in
 * flight, so that code that asks again and again for no client keeps no drain.
 */
export class SelfCalls {
  readonly #standIns: StandIn[] = [];
  readonly #listeners = new Set<Server>();
  readonly #sockets = new WeakSet<Socket>();
  #servers: readonly Asked[] = [];
  #restore: (() => void) | undefined;
  #isOver = false;

  /** The listeners of `servers` are about to close. Never rejects: where nothing can be bound, self-calls are refused. */
  async open(servers: Iterable<Asked>): Promise<void> {
    this.#servers = [...servers];
    const listening = this.#servers.filter(({ server }) => isListening(server));
    await Promise.all(listening.map(({ server }) => this.#standInFor(server)));
    if (this.#standIns.length === 0 || this.#isOver) return;
    this.#restore = redirectConnections((destination) => this.#find(destination));
  }

  async #standInFor(server: AttachableServer): Promise<void> {
    // Node's own, whatever the application has made of it.
    const bound = NetServer.prototype.address.call(server);
    // The mode of its file guards a Unix socket; a port of the loopback is open to every user of the machine.
    if (bound === null || typeof bound === "string") return;
    // As Node's server of HTTP has them.
    const listener = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
      this.#sockets.add(socket);
      server.emit("connection", socket);
    });
    const begun = new Promise<void>((resolve) => {
      listener.once("listening", resolve).on("error", () => resolve());
      // A worker of a cluster binds it itself.
      listener.listen({ host: "127.0.0.1", port: 0, exclusive: true });
    });
    listener.unref();
    this.#listeners.add(listener);
    await doneBy(begun, now() + LONGEST_OPEN);
    if (this.#isOver) listener.close();
    else if (isListening(listener)) {
      this.#standIns.push({ bound, own: listener.address() as AddressInfo });
    }
  }

  #find(destination: Destination): AddressInfo | undefined {
    const found = this.#standIns.find(({ bound }) => leadsTo(bound, destination));
    return found !== undefined && this.#isAskedFor ? found.own : undefined;
  }

  /** Whether anything is open that came from outside. */
  get #isAskedFor(): boolean {
    for (const { connections } of this.#servers) {
      for (const connection of connections) {
        const isOpen = connection.upgraded || connection.inFlightCount > 0;
        if (isOpen && !this.#sockets.has(connection.raw)) return true;
      }
    }
    return false;
  }

  /** No request is left that could ask. */
  close(): void {
    this.#isOver = true;
    this.#restore?.();
    for (const listener of this.#listeners) listener.close();
    this.#listeners.clear();
  }
}
