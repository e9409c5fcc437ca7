import type { StopResult, TrialResult } from "../../facts/result.js";
import type { Rollout } from "../../facts/rollout.js";
import type { RequestRow } from "../../facts/row.js";
import { listMarks, listPhases, listRolloutMarks, listRolloutPhases } from "../text/marks.js";
import type { PageRequests } from "./collect.js";
import { toColumns } from "./columns.js";
import type { PageView } from "./data.js";

/** One view per stop or rollout. Each request is in that from whose origin its instants count. */
export function listViews(trials: readonly TrialResult[], requests: PageRequests): PageView[] {
  return trials.flatMap(({ trial, stops, rollout }) => {
    const rows = requests.of(trial);
    const shared = { trial, leftOut: requests.leftOut(trial) };
    if (rollout !== null) return [{ ...shared, ...viewRollout(rollout, trial, rows) }];
    return stops.map((stop, at) => ({
      ...shared,
      name: nameStop(trial, at, { trials: trials.length, stops: stops.length }),
      marks: listMarks(stop),
      phases: listPhases(stop),
      gaps: [],
      origin: "the signal",
      requests: toColumns(rows.filter((row) => stopOf(row, stops) === stop)),
    }));
  });
}

function viewRollout(
  rollout: Rollout,
  trial: number,
  rows: readonly RequestRow[],
): Omit<PageView, "trial" | "leftOut"> {
  return {
    name: `trial ${String(trial)}`,
    marks: listRolloutMarks(rollout),
    phases: listRolloutPhases(rollout),
    gaps: rollout.gaps.map(({ firstMs, lastMs }) => ({ fromMs: firstMs, toMs: lastMs })),
    origin: "the command’s start",
    requests: toColumns(rows),
  };
}

function stopOf({ generation }: RequestRow, stops: readonly StopResult[]): StopResult | undefined {
  return stops.find((stop) => stop.generation === generation) ?? stops.at(-1);
}

function nameStop(trial: number, at: number, count: { trials: number; stops: number }): string {
  const stop = `stop ${String(at + 1)}`;
  if (count.trials === 1) return count.stops === 1 ? "the stop" : stop;
  return count.stops === 1 ? `trial ${String(trial)}` : `trial ${String(trial)}, ${stop}`;
}
