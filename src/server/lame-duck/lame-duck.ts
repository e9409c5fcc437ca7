import { Alarm, msSince, now } from "../../clock.js";
import type { Fence } from "../../fence.js";
import type { ArrivalsReport, LameDuckReport, ProberReport } from "../../report.js";
import type { Arrivals } from "./arrivals.js";
import {
  planEnd,
  quietAfter,
  quietNeeded,
  type Bounds,
  type Conclusion,
  type LameDuckEnd,
  type Observation,
} from "./evidence.js";
import type { Probers, WatchedProber } from "./probers.js";

/** What a lame duck watches of an attached server. */
export interface Visited {
  readonly arrivals: Arrivals;
  /** Every request of a client. */
  readonly requests: Arrivals;
  /** The instant since which no client came and none waits; infinite while one waits. */
  readonly quietSince: number;
  /** The last of the arrivals, as long as they are followed. */
  readonly latest: readonly Arrival[];
  /** Whether it is remembered where they come from. */
  isFollowed: boolean;
}

/** A new connection of a client. */
export interface Arrival {
  readonly at: number;
  /** Its address and port. */
  readonly remote: string;
}

/** The registries, as a lame duck sees them: what their readers know keeps it from its end, whatever else is known. */
export interface Readers {
  /** The instant up to which they may send clients here. */
  readonly until: number;
  /** The instant from which they are known to send none; infinite where that is not known, undefined without a registry. */
  readonly letGoAt: number | undefined;
  /** Is told when that has changed. */
  moved: () => void;
}

/** A balancer that sends clients here to the end of the maximum. */
export interface NeverLetGo {
  readonly address: string;
  /** Connections in the last second. */
  readonly count: number;
  /** What asks for readiness from there. */
  readonly prober: ProberReport | undefined;
}

/** How far back it is looked for them, in ms, and how many are no chance. */
const LAST_SECOND = 1_000;
const LEAST_ARRIVALS = 5;

/** What else than clients tells that balancers have let go. */
export interface Witnesses {
  readonly readers?: Readers | undefined;
  readonly probers?: Probers | undefined;
}

/**
 * Waits until balancers have let go, as far as that can be told from what comes: between two bounds
 * until the quiet on every server that had visitors is conclusive.
 */
export class LameDuck {
  readonly #bounds: Bounds;
  readonly #watched: readonly Watched[];
  /** The quiet that is needed at least, however long it was quiet already. */
  readonly #leastNeeded: number;
  readonly #alarm: Alarm;
  readonly #readers: Readers | undefined;
  readonly #probers: readonly WatchedProber[];
  #end: ((why: LameDuckEnd) => void) | undefined;

  constructor(
    servers: Iterable<Visited>,
    bounds: Bounds,
    fence: Fence,
    { readers, probers }: Witnesses = {},
  ) {
    this.#bounds = bounds;
    this.#readers = readers;
    this.#probers = probers?.watch(bounds.start) ?? [];
    const look = fence.callback("look at the lame duck", () => this.#look());
    this.#alarm = new Alarm(look);
    // A registry was left or entered again, a probe answered: the end may be nearer, or further.
    if (readers !== undefined) readers.moved = look;
    if (probers !== undefined) probers.moved = look;
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
      probers: this.#probers.map((each) => each.report),
    };
  }

  /**
   * What goes on sending clients here, when the maximum is over: the address that most of the last second's came from, and
   * what it knows. Undefined where fewer came than could be chance.
   */
  get neverLetGo(): NeverLetGo | undefined {
    const since = now() - LAST_SECOND;
    const addresses = this.#watched.flatMap((each) => each.cameSince(since));
    const counts = new Map<string, number>();
    for (const each of addresses) counts.set(each, (counts.get(each) ?? 0) + 1);
    const [first] = [...counts].toSorted(([, a], [, b]) => b - a);
    if (first === undefined || first[1] < LEAST_ARRIVALS) return undefined;
    const [address, count] = first;
    const probers = this.#probers.map((each) => each.report);
    return { address, count, prober: probers.find((each) => each.address === address) };
  }

  /** Ends the phase, for a reason that does not lie in what comes. */
  end(why: LameDuckEnd): void {
    this.#end?.(why);
  }

  /**
   * A response is over. Only this can bring the end nearer: an arrival puts it off, which is seen when
   * the alarm rings.
   */
  responseEnded(): void {
    if (this.#end === undefined) return;
    const needed = this.#isWitnessed ? this.#quietAfter : this.#leastNeeded;
    this.#alarm.atLatest(Math.max(this.#bounds.earliest, now() + needed));
  }

  #look(): void {
    if (this.#end === undefined) return;
    const { at, why } = planEnd(this.#bounds, this.#conclude(), this.#readers?.until);
    if (at <= now()) this.#end?.(why);
    else this.#alarm.atLatest(at);
  }

  /** The instant at which all that is known is conclusive, if it stays quiet. */
  #conclude(): Conclusion {
    const visited = this.#watched.filter((each) => each.isVisited);
    if (!this.#isWitnessed) {
      return { at: longestOf(visited.map((each) => each.conclusiveAt)), why: "evidence" };
    }
    const quietSince = Math.max(...visited.map((each) => each.quietSince), this.#bounds.start);
    const letGoAt = this.#probers.map((each) => each.letsGoAt);
    const readersAt = this.#readers?.letGoAt ?? Number.NEGATIVE_INFINITY;
    return {
      at: Math.max(...letGoAt, readersAt, quietSince + this.#quietAfter),
      why: this.#probers.length > 0 ? "probes" : "registries",
    };
  }

  /** Whether something tells that a balancer has let go, other than that no client comes. All that do must: none is overheard. */
  get #isWitnessed(): boolean {
    return this.#probers.length > 0 || this.#readers?.letGoAt !== undefined;
  }

  get #quietAfter(): number {
    return quietAfter(this.#watched.reduce((sum, each) => sum + each.requestRate, 0));
  }
}

/** Of an address with its port, which has colons of its own in IPv6. */
function addressOf(remote: string): string {
  return remote.replace(/:\d+$/, "");
}

/** Where no client ever came, nothing can be learned from none coming. */
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
  /** Requests per ms, before the drain. */
  readonly requestRate: number;

  constructor(server: Visited, bounds: Bounds) {
    const { arrivals } = server;
    const { start } = bounds;
    server.isFollowed = true;
    this.#server = server;
    this.#bounds = bounds;
    this.#arrivedBefore = arrivals.total;
    this.#wasVisited = arrivals.hasAny(start);
    const { requests } = server;
    // A service that was up for some seconds only has no rate that it had most of the time.
    this.requestRate =
      requests.rate(start) || requests.total / Math.max(1_000, start - requests.since);
    const openGap = start - arrivals.last;
    this.#before = {
      rate: arrivals.rate(start),
      longestGap: Math.max(arrivals.longestGap(start), openGap),
    };
  }

  get #arrived(): number {
    return this.#server.arrivals.total - this.#arrivedBefore;
  }

  /** Whether a client came, in the minute before the drain or since. */
  get isVisited(): boolean {
    return this.#wasVisited || this.#arrived > 0;
  }

  get conclusiveAt(): number {
    return this.quietSince + this.needed;
  }

  /** How long it must be quiet. Grows when longer gaps show. */
  get needed(): number {
    const { start, latest } = this.#bounds;
    return quietNeeded(this.#observation, latest - start);
  }

  /** Quiet before the drain says nothing about balancers that had nothing to notice yet. */
  get quietSince(): number {
    return Math.max(this.#bounds.start, this.#server.quietSince);
  }

  get #observation(): Observation {
    const { rate, longestGap } = this.#before;
    const since = this.#arrived > 0 ? this.#server.arrivals.longestGap(now()) : 0;
    return { rate, longestGap: Math.max(longestGap, since) };
  }

  /** The addresses that clients came from since an instant. */
  cameSince(instant: number): string[] {
    const { latest } = this.#server;
    return latest.filter(({ at }) => at >= instant).map(({ remote }) => addressOf(remote));
  }

  report(instant: number): ArrivalsReport {
    const { rate, longestGap } = this.#observation;
    const { needed } = this;
    return {
      ratePerSecond: Math.round(rate * 1e5) / 1e2,
      longestGapMs: Math.round(longestGap),
      arrivals: this.#arrived,
      quietMs: Math.round(Math.max(0, instant - this.quietSince)),
      neededMs: Number.isFinite(needed) ? Math.round(needed) : null,
    };
  }
}
