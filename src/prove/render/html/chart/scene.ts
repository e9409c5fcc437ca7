import type { DrawnRequest } from "../../page/columns.js";
import type { LaneGroup, PlacedRequest } from "../../page/lanes.js";

/** One lane where it is drawn. */
export interface Lane {
  readonly y: number;
  readonly all: readonly PlacedRequest[];
  readonly shown: readonly PlacedRequest[];
}

interface Heading {
  readonly y: number;
  readonly text: string;
}

/** What is drawn below the axis: headings and lanes, from y = 0 down. */
export interface Scene {
  readonly headings: readonly Heading[];
  readonly lanes: readonly Lane[];
  readonly laneHeight: number;
  readonly height: number;
}

/** Which requests are drawn. */
export interface Filter {
  readonly clients: ReadonlySet<string>;
  readonly outcomes: ReadonlySet<string>;
}

export const HEADING_HEIGHT = 22;
const GROUP_GAP = 8;

export function layOut(groups: readonly LaneGroup[], filter: Filter): Scene {
  const wanted = groups.filter(({ client }) => filter.clients.has(client));
  const laneHeight = chooseHeight(wanted.reduce((sum, { lanes }) => sum + lanes.length, 0));
  const headings: Heading[] = [];
  const lanes: Lane[] = [];
  let y = 0;
  for (const group of wanted) {
    headings.push({ y, text: describeGroup(group) });
    y += HEADING_HEIGHT;
    for (const all of group.lanes) {
      lanes.push({ y, all, shown: all.filter(({ request }) => isShown(request, filter)) });
      y += laneHeight;
    }
    y += GROUP_GAP;
  }
  return { headings, lanes, laneHeight, height: y };
}

export function isShown({ client, outcome }: DrawnRequest, filter: Filter): boolean {
  return filter.clients.has(client) && filter.outcomes.has(outcome);
}

/** How high a request is drawn in its lane. */
export function barHeight({ laneHeight }: Scene): number {
  return laneHeight - (laneHeight > 8 ? 3 : 2);
}

/** Few lanes are drawn large; many so that they can be told apart. */
function chooseHeight(lanes: number): number {
  if (lanes <= 40) return 12;
  return lanes <= 120 ? 9 : 7;
}

function describeGroup({ client, connections, requests }: LaneGroup): string {
  return `${client}   ${plural(connections, "connection")} · ${plural(requests, "request")}`;
}

function plural(count: number, word: string): string {
  return `${count.toLocaleString("en-US")} ${word}${count === 1 ? "" : "s"}`;
}

/** The request of a lane that is nearest to an instant; undefined for an empty lane. */
export function nearestIn(lane: Lane, ms: number): PlacedRequest | undefined {
  const after = lane.shown[firstEndingAfter(lane.shown, ms)];
  const before = lane.shown[firstEndingAfter(lane.shown, ms) - 1];
  if (after === undefined || before === undefined) return after ?? before;
  return distance(after, ms) < distance(before, ms) ? after : before;
}

function distance({ fromMs, toMs }: PlacedRequest, ms: number): number {
  return Math.max(fromMs - ms, ms - toMs, 0);
}

/** The index of the first request that ends after an instant: they follow one another. */
export function firstEndingAfter(placed: readonly PlacedRequest[], ms: number): number {
  let low = 0;
  let high = placed.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((placed[middle]?.toMs ?? 0) <= ms) low = middle + 1;
    else high = middle;
  }
  return low;
}
