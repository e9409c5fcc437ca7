import type { ProberReport } from "../../report.js";
import { findPaces } from "./paces.js";

/** So many instants are remembered of each. */
const REMEMBERED = 64;

/** So many that ask are told apart. */
const MOST = 32;

/** One that was silent for so many of its periods has gone. */
const GONE_AFTER = 3;

/** One that has asked too seldom to have a pace is remembered for this long, in ms: balancers that ask more rarely are rare. */
const LONGEST_PERIOD = 30_000;

/** What a balancer may take to act on an answer, in ms. */
const ACTS = 500;

/** What asked for readiness. */
export interface Asker {
  readonly address: string;
  /** Its `User-Agent`: several may ask from one address. */
  readonly agent: string;
}

/**
 * The balancers that ask for readiness, in constant space. Those that have been answered 503 as often as their threshold have
 * let go, however few clients they bring.
 */
export class Probers {
  readonly #all = new Map<string, Prober>();
  readonly #fall: number;
  /** Is told that one was answered 503. */
  moved: () => void = () => {};

  constructor(fall: number) {
    this.#fall = fall;
  }

  /** One has asked, and was told whether the service is ready. */
  asked(asker: Asker, isReady: boolean, instant: number): void {
    const key = `${asker.address} ${asker.agent}`;
    const known = this.#all.get(key) ?? new Prober(asker);
    // In the order of their last question.
    this.#all.delete(key);
    this.#all.set(key, known);
    if (this.#all.size > MOST) this.#all.delete([...this.#all.keys()][0]!);
    known.asked(isReady, instant);
    if (!isReady) this.moved();
  }

  /** Those that ask at the beginning of a lame duck: whether they have let go is judged from then on. */
  watch(start: number): WatchedProber[] {
    return [...this.#all.values()]
      .map((each) => new WatchedProber(each, start, this.#fall))
      .filter((each) => each.isThere);
  }
}

/** One address and agent. */
class Prober {
  readonly asker: Asker;
  readonly instants: number[] = [];
  /** How often it was answered 503, since it was answered 200 last. */
  unready = 0;
  /** When it was for the time of that number; sparse, and only what may be asked for. */
  readonly unreadyAt: number[] = [];

  constructor(asker: Asker) {
    this.asker = asker;
  }

  asked(isReady: boolean, instant: number): void {
    this.instants.push(instant);
    if (this.instants.length > REMEMBERED) this.instants.shift();
    if (isReady) {
      this.unready = 0;
      this.unreadyAt.length = 0;
    } else {
      this.unready += 1;
      if (this.unreadyAt.length < REMEMBERED) this.unreadyAt.push(instant);
    }
  }
}

/** One of them during a lame duck, against the pace it had before. */
export class WatchedProber {
  readonly #prober: Prober;
  readonly #start: number;
  /** How many ask there. */
  readonly #count: number;
  /** Of the slowest; undefined where one has no pace yet. */
  readonly #period: number | undefined;
  readonly #fall: number;

  constructor(prober: Prober, start: number, fall: number) {
    this.#prober = prober;
    this.#start = start;
    this.#fall = fall;
    const { regular, single } = findPaces(prober.instants);
    const alive = regular.filter(({ last, period }) => start - last < GONE_AFTER * period);
    const unknown = single.filter((instant) => start - instant < LONGEST_PERIOD);
    this.#count = alive.length + (unknown.length > 0 ? 1 : 0);
    this.#period = unknown.length > 0 ? undefined : Math.max(...alive.map((each) => each.period));
  }

  get isThere(): boolean {
    return this.#count > 0;
  }

  /**
   * The instant by which all that ask there have been answered 503 often enough and have acted on it; infinite as long as
   * they have not. Where several ask, the slowest of them has its time: which answer was whose is not known.
   */
  get letsGoAt(): number {
    const { unreadyAt } = this.#prober;
    const often = unreadyAt[this.#fall * this.#count - 1];
    if (often === undefined) return Number.POSITIVE_INFINITY;
    if (this.#count === 1) return often + ACTS;
    if (this.#period === undefined) return Number.POSITIVE_INFINITY;
    return Math.max(often, (unreadyAt[0] ?? this.#start) + this.#fall * this.#period) + ACTS;
  }

  get report(): ProberReport {
    return {
      address: this.#prober.asker.address,
      periodMs: this.#period === undefined ? null : Math.round(this.#period),
      unready: this.#prober.unready,
    };
  }
}
