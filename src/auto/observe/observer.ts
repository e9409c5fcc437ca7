// observe/: what a drain would have done, for those who want to know before anything is changed.
import type { Server } from "node:net";

import { msSince, now } from "../../clock.js";
import { witness } from "../../process/signals/witness.js";
import { isOwn } from "../../server/attachable.js";
import { isInCare } from "../../server/in-care.js";
import type { Configuration } from "../configuration.js";
import { bindsOneOf } from "../ports.js";
import type { Part } from "../part.js";
import { WatchedServer } from "./watched-server.js";

/** What was there when the signal came: a drain would have waited for it. */
interface Found {
  readonly signal: NodeJS.Signals;
  readonly at: number;
  readonly connections: number;
  readonly inFlight: number;
  readonly upgraded: number;
  readonly accepted: number;
  readonly lost: number;
  readonly listeners: readonly string[];
}

/** Watches the servers of a program, and writes at its end, in one line, what a drain would have done and what was lost. */
export class Observer implements Part {
  readonly #configuration: Configuration;
  readonly #watched = new Map<Server, WatchedServer>();
  #found: Found | undefined;

  constructor(configuration: Configuration) {
    this.#configuration = configuration;
  }

  listens(server: Server, args: readonly unknown[]): boolean {
    if (isOwn(server) || this.#watched.has(server)) return false;
    // The program's own service reports what it does.
    if (isInCare(server as Parameters<typeof isInCare>[0])) return false;
    if (bindsOneOf(this.#configuration.excludePorts, args)) return false;
    if (this.#watched.size === 0) {
      witness(this.#configuration.settings.signals, {
        signalled: (signal, listeners) => this.#find(signal, listeners),
        ended: (code) => this.#say(code),
      });
    }
    this.#watched.set(server, new WatchedServer(server));
    return false;
  }

  workerSaid(): void {}

  #sum(of: (each: WatchedServer) => number): number {
    return [...this.#watched.values()].reduce((sum, each) => sum + of(each), 0);
  }

  get #open(): Omit<Found, "signal" | "at" | "listeners"> {
    return {
      connections: this.#sum(({ open }) => open.connections),
      inFlight: this.#sum(({ open }) => open.inFlight),
      upgraded: this.#sum(({ open }) => open.upgraded),
      accepted: this.#sum(({ accepted }) => accepted),
      lost: this.#sum(({ lost }) => lost),
    };
  }

  #find(signal: NodeJS.Signals, listeners: readonly string[]): void {
    this.#found = { signal, at: now(), ...this.#open, listeners };
  }

  #say(code: number | undefined): string {
    const { signal, at, listeners, ...before } = this.#found as Found;
    const after = this.#open;
    const { name, gracePeriod } = this.#configuration.settings;
    return JSON.stringify({
      lastcall: "observe",
      service: name,
      reason: signal,
      durationMs: msSince(at),
      exitCode: code ?? signal,
      drain: {
        waitFor: { inFlight: before.inFlight, upgraded: before.upgraded },
        close: before.connections - before.inFlight - before.upgraded,
        within: gracePeriod,
        listenersHeldBack: listeners,
      },
      lost: {
        requests: after.inFlight + after.lost - before.lost,
        inFlight: [...this.#watched.values()].flatMap(({ unanswered }) => unanswered),
        upgraded: after.upgraded,
        connections: after.connections,
      },
      acceptedSince: after.accepted - before.accepted,
    });
  }
}
