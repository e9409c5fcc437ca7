import os from "node:os";

import { now } from "../clock.js";
import { warnProcess } from "../process-warning.js";
import { explainOther, shared } from "../shared.js";
import { Exceptions } from "./exit/exceptions.js";
import { Exit } from "./exit/exit.js";
import { isDisconnecting } from "./followers/cluster-worker.js";
import { signalOf, type Order } from "./followers/messages.js";
import { Relatives } from "./followers/relatives.js";

import { Loop } from "./loop.js";
import { Seat } from "./seat.js";
import { ForeignListeners } from "./signals/foreign-listeners.js";
import { HeldListeners } from "./signals/held-listeners.js";
import { Reloads } from "./signals/reloads.js";
import { Signals } from "./signals/signals.js";
import type { Telling } from "./signals/telling.js";
import type { Stoppable, Told } from "./stoppable.js";

// What the rest of the library knows of it.
export type { Seat } from "./seat.js";
export type { Stoppable, Told } from "./stoppable.js";

/**
 * The process, which all of its services share: it knows them, and brings what comes to them. There is one, whatever number
 * of copies of the package is loaded; see {@link theProcess}.
 */
export class OneProcess {
  readonly #seats = new Set<Seat>();
  readonly #foreign = new ForeignListeners(
    new Set<string | symbol>([...Object.keys(os.constants.signals), "exit"]),
  );
  readonly #loop = new Loop();
  readonly #signals = new Signals(this.#loop, this.#foreign, (telling) => this.#tell(telling));
  /** The program's listeners of signals, where a service holds them back. */
  readonly held: HeldListeners = new HeldListeners(this.#foreign);
  readonly exit: Exit = new Exit({
    seats: this.#seats,
    foreign: this.#foreign,
    held: this.held,
    cut: (signal) => this.relatives.followers.cut(signal),
    drainEnded: () => this.#exceptions.watch(),
    closed: (code, ends) => this.relatives.sayClosed(code, ends),
    settled: () => this.#settle(),
  });
  readonly relatives: Relatives = new Relatives(this.#seats, this.exit.draining, {
    stop: (order, from) => this.#obey(order, from),
    cut: (signal) => void this.exit.atOnce(128 + os.constants.signals[signal], signal),
  });
  readonly reloads: Reloads = new Reloads(this.#foreign);
  readonly #exceptions = new Exceptions(this.#seats, this.exit);
  /** Called with each service that takes its place. */
  entered: ((service: Stoppable) => void) | undefined;

  /** A service takes its place. */
  enter(service: Stoppable): Seat {
    if (this.#seats.size === 0) {
      this.#foreign.start();
      this.#foreign.own(this.exit.listener);
      this.#foreign.own(this.#exceptions.listener);
    }
    const { gracePeriodMs } = service.budget();
    const seat = new Seat(this, service);
    this.#seats.add(seat);
    if (this.#seats.size === 1) this.relatives.start();
    this.relatives.limit(service, gracePeriodMs);
    if (service.signals.length > 0) this.#loop.start();
    for (const signal of service.signals) this.#signals.add(signal);
    this.#exceptions.watch();
    this.entered?.(service);
    return seat;
  }

  /** The services that it has. */
  get services(): readonly Stoppable[] {
    return [...this.#seats].map(({ service }) => service);
  }

  /** @internal */
  leave(seat: Seat): void {
    if (!this.#seats.delete(seat)) return;
    for (const signal of seat.service.signals) this.#signals.remove(signal);
    if (!this.#hasSignals) this.#loop.stop();
    this.#exceptions.watch();
    if (this.#seats.size > 0) return;
    this.#foreign.stop();
    this.relatives.release();
  }

  get #hasSignals(): boolean {
    return [...this.#seats].some(({ service }) => service.signals.length > 0);
  }

  #settle(): void {
    this.relatives.settle();
    this.#signals.unguard();
    if (this.#hasSignals) this.#loop.start();
  }

  /** A signal has come, or word of one from elsewhere: to every service that is stopped by it. */
  #tell(telling: Telling): void {
    const { at, blockedMs } = telling;
    const wanting = [...this.#seats].filter((seat) => seat.isStoppedBy(telling));
    // One that is being stopped hears of every other signal that would end the process.
    const told = wanting.length > 0 ? wanting : [...this.#seats].filter((seat) => seat.isTold);
    const effects = new Map(told.map((seat) => [seat, seat.judge(telling)] as const));
    for (const [{ service }, effect] of effects) {
      service.attempt("tell of the signal", () => service.signalled(telling, effect));
    }
    const isHurried = telling.isHurried ?? this.relatives.isFromTerminal(telling);
    if (telling.from === "outside") this.relatives.watchChildren(telling);
    for (const [seat, effect] of effects) {
      if (effect !== "stop") continue;
      this.#loop.watchClosely();
      seat.service.attempt("name other listeners", () => {
        this.#noteForeignListeners(seat, telling.signal);
      });
      this.stop(seat, { reason: telling.signal, at, isHurried, blockedMs });
    }
    if ([...effects.values()].includes("cut")) {
      void this.exit.atOnce(128 + os.constants.signals[telling.signal], telling.signal);
    }
  }

  #noteForeignListeners(seat: Seat, signal: NodeJS.Signals): void {
    if (this.held.holds(signal)) return;
    for (const listener of this.#foreign.of(signal)) {
      const { service } = seat;
      service.warn(
        "foreign-signal-listener",
        `Another listener for ${signal}: ${this.#foreign.name(listener)}. ${this.#foreign.explain(listener)}If it closes servers or ends the process, it undoes the drain`,
      );
    }
  }

  /** What a cluster's primary, the main thread, PM2 or Node's own \`disconnect\` wants. */
  #obey(order: Order, from: Telling["from"]): void {
    const { reason, isHurried } = order;
    const signal = signalOf(order);
    const [at, blockedMs] = [now(), 0];
    if (signal !== undefined) this.#tell({ signal, from, isHurried, at, blockedMs, silentMs: 0 });
    else for (const seat of this.#seats) this.stop(seat, { reason, isHurried, at, blockedMs });
  }

  /** A server is being closed: the first that is heard of a worker's disconnect. */
  beforeClose(): void {
    if (isDisconnecting()) this.#obey({ reason: "disconnect", isHurried: false }, "primary");
  }

  /** Drains, and ends the process afterwards: after a signal, or what is as good as one. */
  stop(seat: Seat, told: Told): void {
    const { service } = seat;
    this.exit.expect(service.exits);
    // First of all, so that whatever the rest does the process ends.
    if (service.exits) {
      service.attempt("arm the watchdog", () => this.exit.arm(seat, told.at - told.blockedMs));
    }
    // A listener of the process' `newListener` may throw.
    service.attempt("outlive exceptions", () => this.#exceptions.hear());
    service.attempt("listen for more signals", () => this.#signals.guard());
    service.attempt("say a last word", () => this.exit.update());
    service.stop(told);
  }
}

let hasTold = false;

/** The process, shared by every copy of the package that is loaded into it. */
export function theProcess(): OneProcess {
  const other = explainOther();
  if (other !== undefined && !hasTold) {
    hasTold = true;
    warnProcess("other-version", other);
  }
  return shared("process", () => new OneProcess());
}
