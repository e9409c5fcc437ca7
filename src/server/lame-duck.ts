import { Alarm, msSince, now } from "../clock.js";
import type { ArrivalsReport, LameDuckReport } from "../report.js";
import type { Arrivals } from "./arrivals.js";
import {
  planEnd,
  quietNeeded,
  type Bounds,
  type LameDuckEnd,
  type Observation,
} from "./evidence.js";

/** What a lame duck watches of an attached server. */
export interface Visited {
  readonly arrivals: Arrivals;
  /** The instant since which nobody came and nobody waits; infinite while somebody waits. */
  readonly quietSince: number;
}

/**
 * Waits until balancers have let go, as far as that can be told from who comes: between two bounds
 * until the quiet on every server that had visitors is conclusive.
 */
export class LameDuck {
  readonly #bounds: Bounds;
  readonly #watched: readonly Watched[];
  /** The quiet that is needed at least, however long it was quiet already. */
  readonly #leastNeeded: number;
  readonly #alarm = new Alarm(() => this.#look());
  #end: ((why: LameDuckEnd) => void) | undefined;

  constructor(servers: Iterable<Visited>, bounds: Bounds) {
    this.#bounds = bounds;
    this.#watched = [...servers].map((server) => new Watched(server, bounds));
    const visited = this.#watched.filter((each) => each.isVisited);
    this.#leastNeeded = longestOf(visited.map((each) => each.needed));
  }

  /** Resolves when the phase is over. Never rejects. */
  async wait(cutoff: AbortSignal): Promise<LameDuckReport> {
    const abort = (): void => this.#end?.("abort");
    cutoff.addEventListener("abort", abort, { once: true });
    const endedBy = await new Promise<LameDuckEnd>((resolve) => {
      this.#end = resolve;
      if (cutoff.aborted) resolve("abort");
      else this.#look();
    });
    this.#end = undefined;
    this.#alarm.clear();
    cutoff.removeEventListener("abort", abort);
    return {
      endedBy,
      durationMs: msSince(this.#bounds.start),
      servers: this.#watched.map((each) => each.report(now())),
    };
  }

  /**
   * A response is over. Only this can bring the end nearer: an arrival puts it off, which is seen when
   * the alarm rings.
   */
  responseEnded(): void {
    if (this.#end === undefined) return;
    this.#alarm.atLatest(Math.max(this.#bounds.earliest, now() + this.#leastNeeded));
  }

  #look(): void {
    const { at, why } = planEnd(this.#bounds, this.#conclusiveAt());
    if (at <= now()) this.#end?.(why);
    else this.#alarm.atLatest(at);
  }

  /** The instant at which the quiet is conclusive if it lasts. */
  #conclusiveAt(): number {
    const visited = this.#watched.filter((each) => each.isVisited);
    return longestOf(visited.map((each) => each.conclusiveAt));
  }
}

/** Where nobody ever came, nothing can be learned from nobody coming. */
function longestOf(times: readonly number[]): number {
  return times.length === 0 ? Number.POSITIVE_INFINITY : Math.max(...times);
}

/** One server during the lame duck, against what it was before. */
class Watched {
  readonly #server: Visited;
  readonly #bounds: Bounds;
  readonly #before: Observation;
  readonly #arrivedBefore: number;
  readonly #wasVisited: boolean;

  constructor(server: Visited, bounds: Bounds) {
    const { arrivals } = server;
    const { start } = bounds;
    this.#server = server;
    this.#bounds = bounds;
    this.#arrivedBefore = arrivals.total;
    this.#wasVisited = arrivals.hasAny(start);
    const openGap = start - arrivals.last;
    this.#before = {
      rate: arrivals.rate(start),
      longestGap: Math.max(arrivals.longestGap(start), openGap),
    };
  }

  get #arrived(): number {
    return this.#server.arrivals.total - this.#arrivedBefore;
  }

  /** Whether anybody came, in the minute before the drain or since. */
  get isVisited(): boolean {
    return this.#wasVisited || this.#arrived > 0;
  }

  get conclusiveAt(): number {
    return this.#quietSince + this.needed;
  }

  /** How long it must be quiet. Grows when longer gaps show. */
  get needed(): number {
    const { start, latest } = this.#bounds;
    return quietNeeded(this.#observation, latest - start);
  }

  /** Quiet before the drain says nothing about balancers that had nothing to notice yet. */
  get #quietSince(): number {
    return Math.max(this.#bounds.start, this.#server.quietSince);
  }

  get #observation(): Observation {
    const { rate, longestGap } = this.#before;
    const since = this.#arrived > 0 ? this.#server.arrivals.longestGap(now()) : 0;
    return { rate, longestGap: Math.max(longestGap, since) };
  }

  report(instant: number): ArrivalsReport {
    const { rate, longestGap } = this.#observation;
    const { needed } = this;
    return {
      ratePerSecond: Math.round(rate * 1e5) / 1e2,
      longestGapMs: Math.round(longestGap),
      arrivals: this.#arrived,
      quietMs: Math.round(Math.max(0, instant - this.#quietSince)),
      neededMs: Number.isFinite(needed) ? Math.round(needed) : null,
    };
  }
}
