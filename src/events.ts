import diagnostics from "node:diagnostics_channel";

import { wrongArgument } from "./errors.js";
import type { Fence } from "./fence.js";
import type { Phase } from "./phase.js";
import type {
  CertificateReport,
  LameDuckReport,
  RegistryReport,
  DrainReport,
  HookReport,
  RequestReport,
  SignalReport,
  StallReport,
  TaskReport,
} from "./report.js";

/** What a service tells while it lives, by event name. */
export interface ServiceEvents {
  /** The phase has changed. */
  phase: { from: Phase; to: Phase };
  /** A drain began. `reason`: a signal's name, or what {@link Service.drain} was given. */
  "drain-start": { reason: string; inFlight: number; connections: number };
  /** A drain is over. Published before the report is written and before the process ends. */
  "drain-end": { report: DrainReport };
  /** The lame duck is over. Published when that is decided, before the listeners close. */
  "lame-duck-end": LameDuckReport;
  /** No attached server listens any more. `accepted`: connections taken from the queue last. */
  "listeners-closed": { accepted: number };
  /** A request's signal has aborted because of the drain. */
  "request-abort": RequestReport;
  /** A request was cut: its socket is destroyed. */
  "request-cut": RequestReport;
  /** A connection that stood still was closed; before the drain, one whose client stopped reading. */
  stall: StallReport;
  /** A server's certificate was replaced. */
  "certificate-reload": CertificateReport;
  /** The service is in a registry, from here on or again. */
  "registry-enter": { name: string };
  /** A registry was left, or could not be. */
  "registry-leave": RegistryReport;
  /** A hook was started. */
  "hook-start": { name: string; kind: HookReport["kind"] };
  /** A hook has ended, was given up, or was skipped. */
  "hook-end": HookReport;
  /** A task was started, or a promise is waited for. */
  "task-start": { name: string };
  /** A task has ended. */
  "task-end": TaskReport;
  /** A signal has come that stops the service, or would end the process: told before it has its effect. */
  signal: SignalReport;
  /** Something the operator should know. `code` is stable, see `docs/errors.md`. */
  warning: { code: WarningCode; message: string };
}

/** Stable codes of the `warning` event. */
export type WarningCode =
  | "foreign-signal-listener"
  | "signal-repeated"
  | "signal-raised"
  | "signal-cut"
  | "exit-code"
  | "no-watchdog"
  | "deadline-passed"
  | "foreign-exit"
  | "foreign-close"
  | "foreign-cut"
  | "balancer-never-let-go"
  | "registry-failed"
  | "registry-reentered"
  | "goodbye-failed"
  | "unknown-hook"
  | "listener-threw"
  | "report-threw"
  | "task-failed"
  | "untracked-work"
  | "probe-port"
  | "certificate-kept"
  | "late-start"
  | "never-ready"
  | "cluster-fork"
  | "thread-unheard"
  | "child-died"
  | "grace-period-cut"
  | "development-reload"
  | "check-failed"
  | "liveness-refused"
  | "uncaught-exception"
  | "application-threw"
  | "internals-changed"
  | "internal-error";

/** What every event carries besides its own fields. */
export interface EventBase {
  /** Name of the service. */
  service: string;
  /** Milliseconds since the drain began; 0 before. */
  atMs: number;
}

/** Name of an event; the diagnostics channel has it with `lastcall:` before it. */
export type EventName = keyof ServiceEvents;
/** What a listener and a channel's subscriber are given. */
export type ServiceEvent<N extends EventName> = EventBase & ServiceEvents[N];
/** What {@link Service.on} takes. What it returns is ignored, unless it is a promise that rejects. */
export type Listener<N extends EventName> = (event: ServiceEvent<N>) => void;

/** A record, so that no name of {@link ServiceEvents} can be missing. */
const NAMES: Readonly<Record<EventName, true>> = {
  phase: true,
  "drain-start": true,
  "drain-end": true,
  "lame-duck-end": true,
  "listeners-closed": true,
  "request-abort": true,
  "request-cut": true,
  stall: true,
  "certificate-reload": true,
  "registry-enter": true,
  "registry-leave": true,
  "hook-start": true,
  "hook-end": true,
  "task-start": true,
  "task-end": true,
  signal: true,
  warning: true,
};

/** Whether listeners and channels hear of what has that name. */
export function isEvent(name: string): name is EventName {
  return Object.hasOwn(NAMES, name);
}

const channels = new Map<EventName, diagnostics.Channel>();

/** Kept, for Node lets go of a channel without subscribers, and would make it anew for each event. */
function channelOf(name: EventName): diagnostics.Channel {
  const known = channels.get(name) ?? diagnostics.channel(`lastcall:${name}`);
  channels.set(name, known);
  return known;
}

/**
 * Hands each event to the service's own listeners and to the `node:diagnostics_channel` of the name
 * `lastcall:<event>`: the same object to both.
 */
export class Events {
  readonly #listeners = new Map<EventName, Set<Listener<never>>>();
  readonly #base: () => EventBase;
  readonly #fence: Fence;
  readonly #threw: (name: EventName, error: Error) => void;

  constructor(base: () => EventBase, fence: Fence, threw: (name: EventName, error: Error) => void) {
    this.#base = base;
    this.#fence = fence;
    this.#threw = threw;
  }

  /**
   * Listens; returns the function that stops listening.
   * @throws {LastcallError} `ERR_LASTCALL_ARGUMENT` for an event that does not exist.
   */
  on<N extends EventName>(name: N, listener: Listener<N>): () => void {
    if (!isEvent(name)) {
      const known = Object.keys(NAMES).map((each) => `\`${each}\``);
      throw wrongArgument("event", `one of ${known.join(", ")}`, name);
    }
    if (typeof listener !== "function") throw wrongArgument("listener", "a function", listener);
    const listeners = this.#listeners.get(name) ?? new Set();
    this.#listeners.set(name, listeners);
    listeners.add(listener);
    return () => {
      listeners.delete(listener);
    };
  }

  /** A listener that fails must not break the drain, nor keep the event from the next one. */
  emit<N extends EventName>(name: N, fields: ServiceEvents[N]): void {
    const listeners = this.#listeners.get(name);
    const channel = channelOf(name);
    if (listeners === undefined && !channel.hasSubscribers) return;
    const event: ServiceEvent<N> = { ...this.#base(), ...fields };
    channel.publish(event);
    for (const listener of [...(listeners ?? [])]) {
      this.#fence.invoke(
        "event listener",
        () => (listener as Listener<N>)(event),
        (error) => this.#threw(name, error),
      );
    }
  }
}
