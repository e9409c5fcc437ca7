import os from "node:os";

import type { Outcome } from "../../phase.js";

/** A stop, as it is passed on to a worker of the cluster or to a worker thread. */
export interface Order {
  /** Why: a signal's name, or what began the drain instead. */
  readonly reason: string;
  /** A person waits at a terminal: no time is given to balancers. */
  readonly isHurried: boolean;
}

/** The signal that a stop began with; undefined where it began otherwise. */
export function signalOf({ reason }: Order): NodeJS.Signals | undefined {
  return Object.hasOwn(os.constants.signals, reason) ? (reason as NodeJS.Signals) : undefined;
}

/** What a worker or a thread is told. */
export type ToFollower =
  /** Say hello, if a service is there. */
  | { readonly act: "roll-call" }
  /** A service of the sender's has noticed it, and leaves it this much of its own grace period, in ms. */
  | { readonly act: "welcome"; readonly graceMs: number }
  | ({ readonly act: "stop" } & Order)
  /** Others accept on the sockets of the one that leaves, and go on doing so. */
  | { readonly act: "siblings" }
  /** The answer to `sync`. */
  | { readonly act: "synced" }
  /** A signal has cut the sender. */
  | { readonly act: "cut"; readonly signal: NodeJS.Signals };

/** What a worker or a thread says. */
export type ToLeader =
  /** A service is here. */
  | { readonly act: "hello" }
  /** It drains, and others may be serving on its sockets. */
  | { readonly act: "leaving" }
  /** It has closed its listeners, and wants to know when all has arrived that was on its way before this. */
  | { readonly act: "sync" }
  /** Its drain is over. `ends`: the worker or the thread ends now. */
  | { readonly act: "closed"; readonly outcome: Outcome; readonly ends: boolean }
  /** No service is here any more. */
  | { readonly act: "bye" };
