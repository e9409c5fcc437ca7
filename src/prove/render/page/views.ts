import type { StopResult, TrialResult } from "../../result.js";
import type { RequestRow } from "../../row.js";
import { listMarks, listPhases } from "../marks.js";
import type { PageRequests } from "./collect.js";
import { toColumns } from "./columns.js";
import type { PageView } from "./data.js";

/** One view per stop. Each request is in that from whose signal its instants count. */
export function listViews(trials: readonly TrialResult[], requests: PageRequests): PageView[] {
  return trials.flatMap(({ trial, stops }) => {
    const rows = requests.of(trial);
    return stops.map((stop, at) => {
      const mine = rows.filter((row) => stopOf(row, stops) === stop);
      return {
        name: nameStop(trial, at, { trials: trials.length, stops: stops.length }),
        trial,
        marks: listMarks(stop),
        phases: listPhases(stop),
        requests: toColumns(mine),
        leftOut: requests.leftOut(trial),
      };
    });
  });
}

function stopOf({ generation }: RequestRow, stops: readonly StopResult[]): StopResult | undefined {
  return stops.find((stop) => stop.generation === generation) ?? stops.at(-1);
}

function nameStop(trial: number, at: number, count: { trials: number; stops: number }): string {
  const stop = `stop ${String(at + 1)}`;
  if (count.trials === 1) return count.stops === 1 ? "the stop" : stop;
  return count.stops === 1 ? `trial ${String(trial)}` : `trial ${String(trial)}, ${stop}`;
}
