import { LastcallError, stackOf, toError } from "../../errors.js";
import { writeError } from "../../report.js";
import type { Seat } from "../seat.js";
import type { Exit } from "./exit.js";

/** What nothing catches, while a drain that was told runs, or where a service is to outlive it. */
export class Exceptions {
  readonly #seats: ReadonlySet<Seat>;
  readonly #exit: Exit;
  /** Something was thrown that nothing caught, and the services are being stopped because of it. */
  #hasThrown = false;

  constructor(seats: ReadonlySet<Seat>, exit: Exit) {
    this.#seats = seats;
    this.#exit = exit;
  }

  /** Its listener on the process. */
  get listener(): (thrown: unknown) => void {
    return this.#onUncaught;
  }

  /** Listens where it is wanted. */
  watch(): void {
    const { isEnding } = this.#exit;
    const isWanted = isEnding || [...this.#seats].some((seat) => seat.service.outlivesException);
    if (isWanted) this.hear();
    else process.off("uncaughtException", this.#onUncaught);
  }

  /** Last of all listeners, which may have been added since. */
  hear(): void {
    process.off("uncaughtException", this.#onUncaught);
    process.on("uncaughtException", this.#onUncaught);
  }

  readonly #onUncaught = (thrown: unknown): void => {
    const error = toError(thrown);
    if (isTooLate(error)) {
      for (const { service } of this.#exit.draining) service.warn("late-start", error.message);
      return;
    }
    const isDraining = this.#exit.draining.size > 0;
    const what = isDraining ? "during the drain, which goes on" : "and the service stops";
    // An error of stderr itself would be uncaught too, and come back here.
    writeError(
      `Uncaught ${this.#hasThrown ? "once more, and the process ends" : what}: ${stackOf(error)}\n`,
    );
    for (const { service } of isDraining ? this.#exit.draining : this.#seats) service.threw(error);
    if (![...this.#seats].some(({ service }) => service.outlivesException)) return;
    // What it was in the middle of once may be mended by a stop; twice it cannot be trusted with one.
    if (this.#hasThrown) {
      void this.#exit.atOnce(1);
      return;
    }
    this.#hasThrown = true;
    const unfinished = [...this.#seats].filter(({ isReported }) => !isReported);
    for (const seat of unfinished) seat.stop("uncaughtException");
  };
}

/** A program that still starts has come upon something that the stop does not allow any more: it ends there, in order. */
function isTooLate(error: Error): boolean {
  return error instanceof LastcallError && error.code === "ERR_LASTCALL_STOPPING";
}
