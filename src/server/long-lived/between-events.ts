import { doneBy, nextCheckPhase, now } from "../../clock.js";
import { replaceMethods } from "../passing-methods.js";
import { isCompressed, type Answer } from "./answer.js";

/** An answer that nothing is written to for this long is between two events, in ms. */
const SILENCE = 100;

/** What is never seen between two events, or whose client does not read, is not waited for longer, in ms. */
const LONGEST = 2_000;

/** Whichever way the lines of a stream end. */
const LINE_END = /\r\n|\r/g;

/** What a compressor writes last when it is told to flush, after each event (RFC 1951, an empty stored block). */
const FLUSHED = "\0\0\xff\xff";

/** Turns of the loop in which a client that reads has got what was written. */
const TURNS = 5;

/** How often a slower one is looked at, in ms. */
const NOW_AND_THEN = 10;

/** The longest end of an event, two of its lines'. */
const TAIL = 4;

/**
 * Calls `letGo` when an answer is between two events and everything up to there is sent; also when that does not come, or the
 * answer is over. What is written after the event does not reach the client: it fails as on any answer that is torn. `end` ends
 * the answer in order, and resolves when that is sent; undefined where it would not be between two events.
 */
export async function betweenEvents(
  answer: Answer,
  isOver: () => boolean,
  letGo: (end: (() => Promise<void>) | undefined) => void | Promise<void>,
): Promise<void> {
  const writes = new Writes(answer);
  const latest = now() + LONGEST;
  const isLate = (): boolean => now() >= latest || isOver();
  try {
    while (!writes.isHolding && !isLate()) await writes.reachEnd();
    // Node hands over what was written at the end of the turn, and takes a few to send it.
    for (let turn = 0; answer.writableLength > 0 && !isLate(); turn++) {
      await (turn < TURNS ? nextCheckPhase() : pause());
    }
    const canEnd = writes.isBetween && answer.writableLength === 0;
    await letGo(canEnd ? () => writes.end(latest) : undefined);
  } finally {
    writes.release();
  }
}

async function pause(): Promise<void> {
  await doneBy(new Promise(() => {}), now() + NOW_AND_THEN);
}

/** What is written to an answer from now on. */
class Writes {
  readonly #answer: Answer;
  readonly #restore: () => void;
  /** Whether the answer is between two events: what is written from then on is dropped. */
  isHolding = false;
  #hasDropped = false;
  /** What the application wants called when it is known what became of what was dropped. */
  readonly #callbacks: ((error: Error) => unknown)[] = [];
  #isEnding = false;
  #tail = "";
  #count = 0;
  #ended: (() => void) | undefined;

  constructor(answer: Answer) {
    this.#answer = answer;
    this.#restore = replaceMethods(answer, {
      write: (args, passOn) => {
        if (this.isHolding) return this.#drop(args, true);
        this.#note(args[0]);
        return passOn();
      },
      // An end after what is dropped would make the answer look whole.
      end: (args, passOn) => {
        if (this.#isEnding) return passOn();
        return this.#hasDropped ? this.#drop(args, answer) : passOn();
      },
    });
  }

  #drop<T>(args: readonly unknown[], result: T): T {
    this.#hasDropped = true;
    const last = args.at(-1);
    if (typeof last === "function") this.#callbacks.push(last as (error: Error) => unknown);
    return result;
  }

  #note(chunk: unknown): void {
    this.#count++;
    this.#tail = (this.#tail + endOf(chunk)).slice(-TAIL);
    if (!this.#isAtEnd) return;
    // The next event may come in the same turn, and before this one is sent.
    this.isHolding = true;
    this.#ended?.();
  }

  /** Waits for the end of an event, or a silence. */
  async reachEnd(): Promise<void> {
    const before = this.#count;
    const end = new Promise<void>((resolve) => {
      this.#ended = resolve;
    });
    await doneBy(end, now() + SILENCE);
    if (this.#count === before) this.isHolding = true;
  }

  get #isAtEnd(): boolean {
    return this.#tail === FLUSHED || this.#isAfterEvent;
  }

  get #isAfterEvent(): boolean {
    return this.#tail.replaceAll(LINE_END, "\n").endsWith("\n\n");
  }

  /** Whether an end would come between two events. What a compressor writes has an end of its own. */
  get isBetween(): boolean {
    const isSilent = this.#tail === "" && !isCompressed(this.#answer);
    return this.isHolding && (isSilent || this.#isAfterEvent);
  }

  /** Ends the answer; resolves when that is sent, or at `latest`. What the application writes meanwhile is dropped. */
  async end(latest: number): Promise<void> {
    this.#hasDropped = true;
    this.#isEnding = true;
    const sent = new Promise((resolve) => this.#answer.once("finish", resolve));
    this.#answer.end();
    this.#isEnding = false;
    await doneBy(sent, latest);
  }

  /** From now on writes go where they would. */
  release(): void {
    this.#restore();
    // In a turn of their own and with this error, as of every write to an answer that is torn.
    const error = Object.assign(new Error("The event stream was let go"), {
      code: "ERR_STREAM_DESTROYED",
    });
    for (const callback of this.#callbacks.splice(0)) process.nextTick(callback, error);
  }
}

function endOf(chunk: unknown): string {
  if (typeof chunk === "string") return chunk.slice(-TAIL);
  return chunk instanceof Uint8Array ? Buffer.from(chunk.subarray(-TAIL)).toString("latin1") : "";
}
