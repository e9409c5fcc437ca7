import type { Expectation } from "../../request/expectation.js";

// What an expectation looks for is near the beginning; a long answer is not kept for it.
const MAX_BYTES = 1_048_576;
// Enough to recognise an error page by.
const QUOTE_BYTES = 60;

/** The beginning of an answer's body: all that an expectation may look at, or else a few words. */
export class AnswerBody {
  readonly #parts: Buffer[] = [];
  #left: number;

  constructor(expect: Expectation | undefined) {
    this.#left = expect?.body === undefined ? QUOTE_BYTES : MAX_BYTES;
  }

  get text(): string {
    return Buffer.concat(this.#parts).toString("utf8");
  }

  /** Its first words, in one line. */
  get quote(): string {
    return this.text.slice(0, QUOTE_BYTES).replaceAll(/\s+/gu, " ").trim();
  }

  take(part: Buffer): void {
    if (this.#left <= 0) return;
    const kept = part.subarray(0, this.#left);
    this.#parts.push(kept);
    this.#left -= kept.length;
  }
}
