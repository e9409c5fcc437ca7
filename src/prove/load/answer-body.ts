import type { Expectation } from "../expectation.js";

// What an expectation looks for is near the beginning; a long answer is not kept for it.
const MAX_BYTES = 1_048_576;

/** The beginning of an answer's body, kept only when somebody looks at it. */
export class AnswerBody {
  readonly #isWanted: boolean;
  readonly #parts: Buffer[] = [];
  #left = MAX_BYTES;

  constructor(expect: Expectation | undefined) {
    this.#isWanted = expect?.body !== undefined;
  }

  get text(): string {
    return Buffer.concat(this.#parts).toString("utf8");
  }

  take(part: Buffer): void {
    if (!this.#isWanted || this.#left <= 0) return;
    this.#parts.push(part.subarray(0, this.#left));
    this.#left -= part.length;
  }
}
