import { randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { After, Inspection, InspectionEntry, Until } from "../facts/inspection.js";
import { now } from "../machine/now.js";
import type { ResolvedOptions } from "../options/resolve.js";
import type { Subject } from "../subject/subject.js";
import type { InspectLink } from "./link.js";
import { NotInspectedError } from "./errors.js";
import { keepInnermost } from "./places/innermost.js";
import { Placer } from "./places/place.js";
import { keepReturned } from "./places/returned.js";
import { sight } from "./places/sighting.js";
import { ID_PREFIX, type Resource } from "./protocol.js";
import { listRoutes } from "./routes.js";
import { Visit, type InspectedRoute } from "./visit.js";

// The preload runs before the service, so it should have come by long before the first answer.
const MEET_MS = 1_000;
// A service that has just answered begins a request at once, unless it is busy or not Node.
const BEGIN_MS = 10_000;
// How long a request may get on with its work before it is cancelled.
const MOMENT_MS = 200;
const TURNS = 3;
// A service that is not busy knows at once that a client has left.
const NOTICE_MS = 3_000;
const LOOK_MS = 20;
// How long the first request of a route may take before the next is sent.
const FIRST_MS = 300;
// Processes that may share the work, as in a cluster: each has a first request of its own.
const MOST_PROCESSES = 8;

/** What one way to end requests has shown. */
export type Seen = Pick<Inspection, "judged" | "entries">;

/** The instant at which something was seen alive. */
export interface End {
  readonly at: number;
  /** When requests that were never over should have been; `now()`. */
  readonly since?: number;
  readonly until: Until;
}

/** A service that runs with the preload, and the requests it was sent. */
export class InspectSession {
  readonly subject: Subject;
  readonly link: InspectLink;
  readonly options: ResolvedOptions;
  readonly routes: readonly InspectedRoute[];
  readonly #visits: Visit[] = [];
  readonly #placer = new Placer();
  /** Not the same twice: a service that keeps what it was sent, as an order, takes no id again. */
  readonly #idPrefix = `${ID_PREFIX}${randomBytes(4).toString("hex")}-`;
  #sent = 0;
  #quick: ReadonlySet<InspectedRoute> = new Set();

  constructor(subject: Subject, link: InspectLink, options: ResolvedOptions) {
    this.subject = subject;
    this.link = link;
    this.options = options;
    this.routes = listRoutes(options);
  }

  /**
   * Sends the first request of each route. It sets up what all later ones share, such as a pool or a
   * cache's timer, and is not judged. Resolves to whether a Node process has begun any.
   */
  async setUp(): Promise<boolean> {
    await Promise.race([this.link.met(), pause(MEET_MS)]);
    if (this.link.processes === 0) return false;
    const first = await this.send();
    if (first.every(({ id }) => this.link.beginOf(id) === undefined)) return false;
    for (const visit of first) visit.finish();
    await Promise.race([Promise.all(first.map(({ over }) => over)), pause(FIRST_MS)]);
    for (const visit of first) visit.leave();
    this.#quick = new Set(
      first.filter(({ state }) => state === "answered").map(({ route }) => route),
    );
    return true;
  }

  /** Whether the first request of a route was answered at once. */
  isQuick(route: InspectedRoute): boolean {
    return this.#quick.has(route);
  }

  /** Sends a request of each route, and waits until the service has begun them. */
  async send(routes: readonly InspectedRoute[] = this.routes): Promise<Visit[]> {
    const copies = Math.min(Math.max(this.link.processes, 1), MOST_PROCESSES);
    const visits = routes.flatMap((route) =>
      Array.from({ length: copies }, () => this.#visit(route)),
    );
    this.#visits.push(...visits);
    const begun = Promise.all(visits.map(({ id }) => this.link.begun(id)));
    await Promise.race([begun, pause(BEGIN_MS)]);
    return visits;
  }

  /** Those that a process has begun which had begun another one of their route before. */
  judged(visits: readonly Visit[]): Visit[] {
    return visits.filter((visit) => {
      const begun = this.link.beginOf(visit.id);
      if (begun === undefined) return false;
      return this.#visits.some((other) => {
        const earlier = other.route === visit.route ? this.link.beginOf(other.id) : undefined;
        return earlier !== undefined && earlier.by === begun.by && earlier.at < begun.at;
      });
    });
  }

  /** What lives on behalf of those requests now. */
  async list(visits: readonly Visit[]): Promise<readonly Resource[]> {
    if (visits.length === 0) return [];
    return (await this.link.list(visits.map(({ id }) => id))).resources;
  }

  /**
   * The same of a service that is not stopping, and has no reason to be silent.
   *
   * @throws {NotInspectedError} where it is: nothing seen would look like nothing left.
   */
  async listAll(visits: readonly Visit[]): Promise<readonly Resource[]> {
    if (visits.length === 0) return [];
    const { resources, isWhole } = await this.link.list(visits.map(({ id }) => id));
    if (!isWhole) throw new NotInspectedError("the service was too busy to say what lives in it");
    return resources;
  }

  /** Lets requests get on with their work: for a moment, and for some turns of the service's own. */
  async proceed(): Promise<void> {
    await pause(MOMENT_MS);
    for (let turn = 0; turn < TURNS; turn += 1) await this.link.list([]);
  }

  /**
   * Waits until the service knows that their clients have left. Resolves to those of which it does: one
   * that does not read cannot know.
   */
  async noticed(visits: readonly Visit[]): Promise<Visit[]> {
    for (const deadline = now() + NOTICE_MS; ; await pause(LOOK_MS)) {
      const { closed } = await this.link.list([]);
      const noticed = visits.filter(({ id }) => closed[id] !== undefined);
      if (noticed.length === visits.length || now() > deadline) return noticed;
    }
  }

  /** Says of resources that lived at an instant what they are, and whose. */
  describe(
    resources: readonly Resource[],
    visits: readonly Visit[],
    { at, since, until }: End,
  ): InspectionEntry[] {
    const byId = new Map(visits.map((visit) => [visit.id, visit]));
    const mine = resources.filter(({ request }) => byId.has(request));
    const sightings = mine.flatMap((resource) => sight(resource, this.#placer) ?? []);
    const living = keepInnermost(keepReturned(sightings));
    return living.map(({ madeAt, isOver: _isOver, way: _way, ...sighting }) => {
      const visit = byId.get(sighting.request);
      return {
        ...sighting,
        route: visit?.route.name ?? "",
        ageMs: round(at - madeAt),
        livedMs: round(at - (visit?.overAt ?? since ?? at)),
        after: AFTER[visit?.state ?? "waiting"],
        until,
      };
    });
  }

  /** Leaves with every request that is still open. */
  close(): void {
    for (const visit of this.#visits) visit.leave();
  }

  #visit(route: InspectedRoute): Visit {
    this.#sent += 1;
    const id = `${this.#idPrefix}${String(this.#sent)}`;
    return new Visit(route, id, { address: this.subject.address, tls: this.options.tls });
  }
}

const AFTER: Readonly<Record<Visit["state"], After>> = {
  left: "client-left",
  cut: "cut",
  answered: "answer",
  waiting: "signal",
};

/** The routes of requests, each once. */
export function nameRoutes(visits: readonly Visit[]): string[] {
  return [...new Set(visits.map(({ route }) => route.name))];
}

/** Waits, and keeps nothing alive. */
export async function pause(ms: number): Promise<void> {
  await sleep(ms, undefined, { ref: false });
}

function round(ms: number): number {
  return Math.round(ms * 10) / 10;
}
