import { formatCount } from "../../facts/count.js";
import { formatDuration } from "../../facts/duration.js";
import { CLIENTS } from "../../facts/ledger.js";
import type { ProveResult } from "../../facts/result.js";
import { printable } from "./output.js";

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
    ...noteDifferences(before, after),
  ];
  return { isWorse, text: [...lines, "", isWorse ? "WORSE" : "NOT WORSE"].join("\n") };
}

/** What the two were asked for; what each was found to do can be weighed only where that is the same. */
function noteDifferences(before: ProveResult, after: ProveResult): string[] {
  const [old, now] = [before, after].map(listConditions);
  return [...(old ?? [])].flatMap(([name, was]) => {
    const is = now?.get(name);
    return is === undefined || is === was ? [] : [`· not asked alike: ${name} ${was} → ${is}`];
  });
}

/** As far as a result has them; those that it does not have are left out. */
function listConditions(result: ProveResult): ReadonlyMap<string, string> {
  const { command, graceMs, rttMs, lagMs, trials } = result;
  const clients = CLIENTS.filter((client) =>
    trials.some(({ requestsByClient }) => (requestsByClient[client]?.planned ?? 0) > 0),
  );
  return new Map([
    // What ran already has no command, and its process has another number each time.
    ...(command.length === 0 ? [] : [["command", `\`${printable(command.join(" "))}\``] as const]),
    ["--grace", formatDuration(graceMs)],
    ["--rtt", formatDuration(rttMs)],
    ["--lag", formatDuration(lagMs)],
    // Without one there was no load: that is said by the verdict.
    ...(clients.length === 0 ? [] : [["clients", clients.join(", ")] as const]),
  ]);
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
    dropped: all === 0 ? "none asked for" : `${formatCount(lost)} of ${formatCount(all)}`,
    exitMs: times.length === 0 ? null : Math.max(...times),
  };
}
