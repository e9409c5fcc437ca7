import { isReason } from "../errors.js";

/** An abort that has no price where no code listens: its controller is made when the signal is first asked for. */
export class LazyAbort {
  #controller: AbortController | undefined;
  #isAborted = false;

  get signal(): AbortSignal {
    this.#controller ??= new AbortController();
    if (this.#isAborted) this.#controller.abort();
    return this.#controller.signal;
  }

  abort(): void {
    this.#isAborted = true;
    this.#controller?.abort();
  }

  /** Whether an error is its reason. */
  isReason(error: Error): boolean {
    return this.#controller !== undefined && isReason(error, this.#controller.signal);
  }
}
