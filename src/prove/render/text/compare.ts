import { formatCount } from "../../facts/count.js";
import { formatDuration } from "../../facts/duration.js";
import type { ProveResult } from "../../facts/result.js";

/** What became better or worse from one result to another. */
export interface Comparison {
  readonly isWorse: boolean;
  readonly text: string;
}

/** Compares two results of the same service: the verdict, what was lost, the time, the findings. */
export function compareResults(before: ProveResult, after: ProveResult): Comparison {
  const [was, is] = [before, after].map(measure);
  if (was === undefined || is === undefined) throw new RangeError("nothing to compare");
  const [old, now] = [before, after].map(({ findings }) => new Set(findings.map(({ id }) => id)));
  const fresh = after.findings.filter(({ id }) => old?.has(id) === false);
  const gone = before.findings.filter(({ id }) => now?.has(id) === false);
  const isWorse =
    is.rank > was.rank ||
    is.share > was.share ||
    fresh.some(({ severity }) => severity === "error");
  const lines = [
    line("verdict", before.verdict, after.verdict, is.rank - was.rank),
    line("dropped requests", was.dropped, is.dropped, is.share - was.share),
    ...(was.exitMs === null || is.exitMs === null
      ? []
      : [line("signal to exit", formatDuration(was.exitMs), formatDuration(is.exitMs), 0)]),
    ...gone.map(({ id, what }) => `+ gone: ${id}: ${what}`),
    ...fresh.map(({ id, what }) => `- new: ${id}: ${what}`),
    ...(before.graceMs === after.graceMs && before.lagMs === after.lagMs
      ? []
      : ["· the two were asked for other times: --grace or --lag differ"]),
  ];
  return { isWorse, text: [...lines, "", isWorse ? "WORSE" : "NOT WORSE"].join("\n") };
}

/** `+` for what is better, `-` for what is worse, `·` for what is neither. */
function line(name: string, before: string, after: string, change: number): string {
  const mark = change < 0 ? "+" : change > 0 ? "-" : "·";
  return `${mark} ${name.padEnd(16)} ${before} → ${after}`;
}

const RANKS: Readonly<Record<ProveResult["verdict"], number>> = {
  pass: 0,
  fail: 1,
  "could-not-run": 2,
};

interface Measured {
  readonly rank: number;
  readonly share: number;
  readonly dropped: string;
  /** Of the slowest stop; null where none was seen to end. */
  readonly exitMs: number | null;
}

function measure({ verdict, requests, trials }: ProveResult): Measured {
  const { ok, refused, dropped } = requests;
  const lost = refused + dropped;
  const all = ok + lost;
  const times = trials.flatMap(({ stops }) =>
    stops.flatMap(({ exit }) => exit.afterSignalMs ?? []),
  );
  return {
    rank: RANKS[verdict],
    share: all === 0 ? 0 : lost / all,
    dropped: `${formatCount(lost)} of ${formatCount(all)}`,
    exitMs: times.length === 0 ? null : Math.max(...times),
  };
}
