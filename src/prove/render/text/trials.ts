import { formatCount } from "../../facts/count.js";
import { formatDuration } from "../../facts/duration.js";
import type { ProveResult, StopResult, TrialResult } from "../../facts/result.js";
import type { Paint } from "../../../findings/paint.js";
import type { TimelineRow } from "./timeline.js";
import { wrap } from "../../../findings/wrap.js";

// More is not read; those that failed come first.
const SHOWN = 10;

/** One line per trial where there are several. */
export function renderTrials(
  trials: readonly TrialResult[],
  paint: Paint,
  width: number | undefined,
): string {
  if (trials.length < 2) return "";
  const failed = trials.filter(({ verdict }) => verdict !== "pass");
  const shown = trials.length <= SHOWN ? trials : failed.slice(0, SHOWN);
  const left = trials.length <= SHOWN ? 0 : failed.length - shown.length;
  const lines = shown.map((trial) => {
    const isPassed = trial.verdict === "pass";
    const [mark = "", ...rest] = wrap(`? ${describeTrial(trial)}`, width, 4).split(/(?<=^\?)/);
    return mark.replace("?", isPassed ? paint.good("✓") : paint.bad("✗")) + rest.join("");
  });
  return [...lines, ...(left > 0 ? [paint.faint(`  … and ${String(left)} more failed`)] : [])].join(
    "\n",
  );
}

function describeTrial({ trial, requests, stops, seed }: TrialResult): string {
  const lost = requests.refused + requests.dropped;
  const codes = stops.map(({ exit }) => (exit.code === null ? "not known" : String(exit.code)));
  const times = stops.map(({ exit }) => exit.afterSignalMs).filter((ms) => ms !== null);
  const time = times.length === 0 ? "" : ` after ${formatDuration(Math.max(...times))}`;
  const exit = codes.length === 0 ? "" : `, exit code ${[...new Set(codes)].join(", ")}${time}`;
  return `trial ${String(trial)}: ${formatCount(lost)} lost${exit}, seed ${String(seed)}`;
}

// So many drawings fit a screen.
const DRAWN = 3;

/** The stops to draw: all, when they are few; else the worst, under a name that says so. */
export function chooseStops({ subject, trials }: ProveResult): TimelineRow[] {
  const all = trials.flatMap(({ trial, stops }) => stops.map((stop, at) => ({ trial, stop, at })));
  const several = { trials: trials.length > 1, stops: all.length > trials.length };
  const name = (trial: number, at: number): string =>
    [
      ...(several.trials ? [`trial ${String(trial)}`] : []),
      ...(several.stops ? [`stop ${String(at + 1)}`] : []),
    ].join(", ");
  if (all.length <= DRAWN) {
    return all.map(({ trial, stop, at }) => ({ name: name(trial, at) || subject, stop }));
  }
  const [worst] = [...all].sort((a, b) => measure(b.stop) - measure(a.stop));
  if (worst === undefined) return [];
  const which = name(worst.trial, worst.at);
  return [{ name: `${which}, the worst of ${String(all.length)}`, stop: worst.stop }];
}

/** What was lost weighs most, then how long it took. */
function measure({ exposed, exit }: StopResult): number {
  return exposed.lost * 1e9 + (exit.afterSignalMs ?? 1e8);
}
