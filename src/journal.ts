import { Events, isEvent, type EventName, type Listener, type WarningCode } from "./events.js";
import type { Fault, Fence } from "./fence.js";
import { DrainRecord, type Facts, type Present } from "./record.js";
import type { DrainReport, RequestReport, SignalReport } from "./report.js";

/**
 * What happens in the life of a service, each thing told once: the listeners of its events, the diagnostics channels and
 * the report of its drain all learn of it from here.
 */
export class Journal {
  readonly #record = new DrainRecord();
  readonly #events: Events;

  /** `service`: its name. */
  constructor(service: string, fence: Fence) {
    this.#events = new Events(
      () => ({ service, atMs: this.elapsed }),
      fence,
      (name, error) => this.#listenerThrew(name, error),
    );
  }

  /** Something has happened. */
  tell<N extends keyof Facts>(name: N, fact: Facts[N]): void {
    this.#record.note(name, fact);
    if (isEvent(name)) this.#events.emit<EventName>(name, fact as Facts[EventName]);
  }

  /** Something that the operator should know. */
  warn(code: WarningCode, message: string): void {
    this.tell("warning", { code, message });
  }

  /** Something went wrong in lastcall itself, in the step of that name. */
  failed(step: string, fault: Fault): void {
    this.tell("fault", { step, fault });
    const where = fault.at === undefined ? "" : `, at ${fault.at}`;
    this.warn("internal-error", `${step}: ${fault.message}${where}`);
  }

  /** As {@link Service.on}. */
  on<N extends EventName>(name: N, listener: Listener<N>): () => void {
    return this.#events.on(name, listener);
  }

  /** In the report, and told to the listeners; not to those of the event whose listener it is. */
  #listenerThrew(name: EventName, error: Error): void {
    const code = "listener-threw";
    const message = `A listener of "${name}" threw: ${error.message}`;
    if (name === "warning") this.#record.note("warning", { code, message });
    else this.warn(code, message);
  }

  // What can be read of it.

  /** Milliseconds since the drain began; 0 before. */
  get elapsed(): number {
    return this.#record.elapsed;
  }

  /** The signals that told the service to stop, in their order. */
  get signals(): readonly SignalReport[] {
    return this.#record.signals;
  }

  /** Requests that were told to give up and have not ended since. */
  get unheeded(): RequestReport[] {
    return this.#record.aborted.filter(
      ({ reaction }) => reaction === "ignored abort" || reaction === "no signal",
    );
  }

  /** What the drain has done so far. */
  report(present: Present): DrainReport {
    return this.#record.report(present);
  }
}
