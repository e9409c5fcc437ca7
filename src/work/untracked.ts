import { now, ownTimers, until } from "../clock.js";
import type { Fence } from "../fence.js";
import type { UntrackedReport } from "../report.js";
import { activeResources, describeResource, type Resource } from "./node-resources.js";

/** How long what has just been closed may take to be gone, in ms. */
const SETTLING = 100;

/** How often to look whether something is gone: nothing tells, in ms. */
const LOOK = 20;

/** Of different owners; the others are counted without them. */
const MOST_ROWS = 20;

/**
 * Notices what is alive when all tracked work is over. Costs nothing per request: it looks once when the service
 * becomes ready, and at the end of the drain.
 */
export class Untracked {
  /** Whether something belongs to lastcall. */
  readonly #isOwn: (object: object) => boolean;
  readonly #fence: Fence;
  /** How many there were before the service was ready, of what has no owner to tell it by. */
  #before: ReadonlyMap<string, number> = new Map();

  constructor(isOwn: (object: object) => boolean, fence: Fence) {
    this.#isOwn = isOwn;
    this.#fence = fence;
  }

  /** What is there now is no request's work: an interval that collects metrics, a file that is watched. */
  noteBefore(): void {
    const anonymous = this.#find().filter(({ owner }) => owner === undefined);
    this.#before = count(anonymous.map(({ kind }) => kind));
  }

  /** What is alive, and has not been before; a connection or a child process counts in any case. */
  list(): UntrackedReport[] {
    const rows: UntrackedReport[] = [];
    const found = this.#find();
    for (const [key, number] of count(found.map((each) => `${each.kind} ${each.owner ?? ""}`))) {
      const [kind = "", ...rest] = key.split(" ");
      const owner = rest.join(" ");
      const left = owner === "" ? number - (this.#before.get(kind) ?? 0) : number;
      if (left > 0) rows.push({ kind, count: left, ...(owner !== "" && { owner }) });
    }
    return shorten(rows);
  }

  #find(): { kind: string; owner: string | undefined }[] {
    const alive = this.#fence.askNode("alive resources", activeResources, []);
    const resources = alive.filter((each) => !this.#isOurs(each));
    const timers = resources.filter(({ kind }) => kind === "Timeout");
    const others = resources.filter(({ kind }) => kind !== "Timeout" && kind !== "Immediate");
    return [...others, ...timers.slice(ownTimers())].map((each) => this.#describe(each));
  }

  #describe(resource: Resource): { kind: string; owner: string | undefined } {
    const { kind } = resource;
    return this.#fence.ask("owner of a resource", () => describeResource(resource), {
      kind,
      owner: undefined,
    });
  }

  #isOurs({ object }: Resource): boolean {
    if (object === undefined) return false;
    return this.#fence.ask("server of a resource", () => this.#isOwn(object), false);
  }

  /** Resolves when nothing is alive, or at `latest`, to what is. What has just been closed is waited for anyway. */
  async settle(latest: number, end: number, cutoff: AbortSignal): Promise<UntrackedReport[]> {
    const last = Math.min(Math.max(latest, now() + SETTLING), end);
    let left = this.list();
    while (left.length > 0 && now() < last && !cutoff.aborted) {
      await until(Math.min(now() + LOOK, last), cutoff);
      left = this.list();
    }
    return left;
  }
}

/** In words, for people. */
export function nameAll(rows: readonly UntrackedReport[]): string {
  const words = rows.map(({ kind, count: number, owner }) => {
    return `${number} × ${kind}${owner === undefined ? "" : ` (${owner})`}`;
  });
  return words.join(", ");
}

function count(names: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return counts;
}

/** A service may have a connection of its own to each of thousands of peers. */
function shorten(rows: UntrackedReport[]): UntrackedReport[] {
  const sorted = rows.sort((a, b) => b.count - a.count);
  const rest = sorted.slice(MOST_ROWS);
  const others = count(rest.flatMap(({ kind, count: number }) => Array(number).fill(kind)));
  return [
    ...sorted.slice(0, MOST_ROWS),
    ...[...others].map(([kind, number]) => ({ kind, count: number })),
  ];
}
