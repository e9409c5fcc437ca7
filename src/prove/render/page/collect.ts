import type { RequestRow } from "../../facts/row.js";

/** The requests that a page shows, as many as it can be opened with. */
export interface PageRequests {
  add(row: RequestRow): void;
  of(trial: number): readonly RequestRow[];
  /** Answered requests that were left out of a trial. */
  leftOut(trial: number): number;
}

/** What a browser opens in about a second. */
const LIMIT = 200_000;

/** Keeps requests up to a limit. Beyond it only those that were not answered, up to as many again. */
export function collectRequests(limit: number = LIMIT): PageRequests {
  const rows = new Map<number, RequestRow[]>();
  const left = new Map<number, number>();
  let kept = 0;
  return {
    add: (row) => {
      if (kept >= (row.outcome === "ok" ? limit : limit * 2)) {
        left.set(row.trial, (left.get(row.trial) ?? 0) + 1);
        return;
      }
      kept += 1;
      const mine = rows.get(row.trial);
      if (mine === undefined) rows.set(row.trial, [row]);
      else mine.push(row);
    },
    of: (trial) => rows.get(trial) ?? [],
    leftOut: (trial) => left.get(trial) ?? 0,
  };
}
