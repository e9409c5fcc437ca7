// judge/: figures and criteria: what the ledger comes to, and whether that is what was asked for.
import { constants } from "node:os";
import { formatCount } from "../facts/count.js";
import { formatDuration } from "../facts/duration.js";
import { isGoodbye } from "../facts/ending.js";
import { countHolders } from "../facts/holders.js";
import type {
  ConfidenceResult,
  Criterion,
  ExitResult,
  Held,
  Orphans,
  StopResult,
  TrialResult,
} from "../facts/result.js";
import { describeConfidence, measureConfidence } from "./confidence.js";
import { judgeSilence } from "./judge-silence.js";
import { judgeEffects } from "./judge-effects.js";
import { formatPercentiles, worstPercentiles } from "./latency.js";

type Judged = Pick<TrialResult, "requests" | "stops" | "silence" | "effects">;

/** What decides which criteria there are. */
export interface Expectations {
  readonly grace: number;
  readonly signal: NodeJS.Signals;
  readonly secondSignal: number | null;
  readonly websockets: readonly unknown[];
  readonly h2: readonly unknown[];
  readonly restarts: number;
  readonly signalGroup: boolean;
}

/** The criteria of a stop, over one trial or several. */
export function judge(trials: readonly Judged[], expected: Expectations): Criterion[] {
  const { grace, secondSignal, websockets, h2, restarts } = expected;
  const silences = trials.map(({ silence }) => silence);
  const stops = trials.flatMap((trial) => trial.stops);
  const orphaned = stops.find(({ exit }) => exit.orphans !== null)?.exit;
  const isCutShort = secondSignal !== null;
  const criteria = [
    judgeDropped(trials, isCutShort),
    ...judgeEffects(trials),
    ...(restarts > 0 ? [judgeSilence(silences, "the first signal")] : []),
    ...(h2.length > 0 ? [measureRetryable(trials)] : []),
    ...(websockets.length > 0 ? [judgeCloses(stops, isCutShort)] : []),
    ...(isCutShort ? judgeSecondSignal(stops, expected) : [judgeExitCode(stops, expected, 0)]),
    judgeExitTime(stops, grace),
    measureTail(stops),
    ...measureLatencies(stops),
    ...(stops.length > 1 && !isCutShort ? stateConfidence(stops) : []),
  ];
  return orphaned === undefined ? criteria : [judgeDelivery(orphaned), ...criteria];
}

/** A service that is told twice is told to give up: what that loses is not held against it. */
export function judgeDropped(
  trials: readonly Pick<TrialResult, "requests">[],
  isCutShort: boolean,
): Criterion {
  let lost = 0;
  let all = 0;
  for (const { requests } of trials) {
    lost += requests.dropped + requests.refused;
    all += requests.ok + requests.dropped + requests.refused;
  }
  const counted = all === 0 ? "none was asked for" : `${formatCount(lost)} of ${formatCount(all)}`;
  const measured = `${counted}${over(trials.length, "trial")}`;
  // What was not asked for can be neither lost nor kept.
  if (all === 0) return { name: "dropped requests", expected: "== 0", measured, passed: null };
  if (isCutShort) return { name: "dropped requests", expected: "", measured, passed: null };
  return { name: "dropped requests", expected: "== 0", measured, passed: lost === 0 };
}

/** The worst of the stops, as an average would hide the one that stood still. */
function measureLatencies(stops: readonly StopResult[]): Criterion[] {
  return (["before", "during"] as const).flatMap((when) => {
    const worst = worstPercentiles(stops.map(({ latency }) => latency?.[when] ?? null));
    if (worst === null) return [];
    const share = stops.length === 1 ? "" : ` in ${String(stops.length)} stops, the worst of each`;
    const measured = `${formatPercentiles(worst)}${share}`;
    return [{ name: `latency ${when} the stop` as const, expected: "", measured, passed: null }];
  });
}

function stateConfidence(stops: readonly StopResult[]): Criterion[] {
  const { requests, stops: perStop } = sumConfidence(stops);
  const isGuess = ", if each were lost independently";
  return [
    {
      name: "requests lost at a stop",
      expected: "",
      measured: `${describeConfidence(requests)}${isGuess}`,
      passed: null,
    },
    {
      name: "stops that lost a request",
      expected: "",
      measured: describeConfidence(perStop),
      passed: null,
    },
  ];
}

/** How sure the result of these stops is, per request and per stop. */
export function sumConfidence(stops: readonly StopResult[]): ConfidenceResult {
  const sum = (key: "lost" | "requests"): number =>
    stops.reduce((total, { exposed }) => total + exposed[key], 0);
  const lossy = stops.filter(({ exposed }) => exposed.lost > 0).length;
  return {
    requests: measureConfidence(sum("lost"), sum("requests")),
    stops: measureConfidence(lossy, stops.length),
  };
}

function measureRetryable(trials: readonly Judged[]): Criterion {
  const count = trials.reduce((sum, { requests }) => sum + requests.retryable, 0);
  const name = "requests refused as safe to send again";
  return { name, expected: "", measured: formatCount(count), passed: null };
}

function judgeCloses(stops: readonly StopResult[], isCutShort: boolean): Criterion {
  const counts = new Map<string, number>();
  for (const { websocketCloses } of stops) {
    for (const [code, count] of Object.entries(websocketCloses)) {
      counts.set(code, (counts.get(code) ?? 0) + count);
    }
  }
  const seen = [...counts].map(([code, count]) => `${describeCode(code)} × ${formatCount(count)}`);
  const measured = seen.length === 0 ? "none was closed" : seen.join(", ");
  const name = "websocket close code";
  if (isCutShort) return { name, expected: "", measured, passed: null };
  const passed = seen.length > 0 && [...counts.keys()].every(isGoodbye);
  return { name, expected: "== 1001 or 1012", measured, passed };
}

function describeCode(code: string): string {
  return code === "1006" ? "1006 (no close frame)" : code;
}

// Ample for a process that only has to end itself, on a machine under load.
const AT_ONCE_MS = 1_000;

/** The second signal ends the wait: out at once, with the code of a process the signal ended. */
function judgeSecondSignal(stops: readonly StopResult[], expected: Expectations): Criterion[] {
  const { signal } = expected;
  const times = stops.map(({ exit }) => exit.afterSecondSignalMs).filter((ms) => ms !== null);
  const isReached = times.length === stops.length;
  return [
    judgeExitCode(stops, expected, 128 + constants.signals[signal]),
    {
      name: "time from second signal to exit",
      expected: `< ${formatDuration(AT_ONCE_MS)}`,
      measured: isReached ? formatRange(times) : "it had exited before the second signal",
      passed: isReached && times.every((ms) => ms < AT_ONCE_MS),
    },
  ];
}

function judgeExitCode(
  stops: readonly StopResult[],
  { grace: graceMs, signalGroup }: Expectations,
  code: number,
): Criterion {
  const name = "exit code";
  const expected = `== ${String(code)}`;
  const wrong = stops.filter(({ exit }) => exit.code !== null && exit.code !== code);
  if (wrong.length === 0 && stops.some(({ exit }) => exit.code === null)) {
    const why = signalGroup
      ? "the started process died of the signal, and another of its group was the service"
      : "it is no child of `prove`";
    return { name, expected, measured: `not known: ${why}`, passed: null };
  }
  const worst = wrong[0]?.exit;
  const shown = worst === undefined ? String(code) : describeExit(worst, graceMs);
  const share = `in ${String(worst === undefined ? stops.length : wrong.length)} of ${String(stops.length)} stops`;
  return {
    name,
    expected,
    measured: stops.length === 1 ? shown : `${shown} ${share}`,
    passed: wrong.length === 0,
  };
}

function judgeExitTime(stops: readonly StopResult[], graceMs: number): Criterion {
  const name = "time from signal to exit";
  const expected = `< grace ${formatDuration(graceMs)}`;
  const held = stops.find(({ exit }) => exit.running !== null)?.exit.running ?? null;
  if (held !== null) return { name, expected, measured: describeRunning(held), passed: false };
  const times = stops.map(({ exit }) => exit.afterSignalMs).filter((ms) => ms !== null);
  if (times.length < stops.length) {
    return { name, expected, measured: "not known: no process to watch", passed: null };
  }
  const isInTime = stops.every(({ exit }) => exit.killed === null);
  const passed = isInTime && times.every((ms) => ms < graceMs);
  return { name, expected, measured: formatRange(times), passed };
}

function measureTail(stops: readonly StopResult[]): Criterion {
  const ends = stops.filter(({ exit }) => exit.orphans?.isServing !== true);
  const times = ends.map(({ exit }) => exit.afterLastByteMs).filter((ms) => ms !== null);
  const measured = times.length === 0 ? "not seen" : formatRange(times);
  return { name: "time from last response byte to exit", expected: "", measured, passed: null };
}

function judgeDelivery(exit: ExitResult): Criterion {
  const measured = exit.orphans === null ? "" : describeOrphans(exit.orphans, exit.afterSignalMs);
  return { name: "signal reached the server", expected: "", measured, passed: false };
}

function describeExit(exit: ExitResult, graceMs: number): string {
  const code = String(exit.code);
  if (exit.killed !== null) {
    const held = describeHeld(exit.killed);
    return `${code} (SIGKILL at the end of the ${formatDuration(graceMs)} grace period; kept open by: ${held})`;
  }
  return exit.signal === null ? code : `${code} (ended by ${exit.signal})`;
}

function describeRunning(held: Held): string {
  return `still running at the end of the grace period; kept open by: ${describeHeld(held)}`;
}

/** What kept the process, in words: our connections by what they were doing, then its children. */
function describeHeld({ connections, processes }: Held): string {
  const held = countHolders(connections);
  const children = processes.map(({ pid, command }) => `child \`${command}\` (pid ${String(pid)})`);
  const all = [...held, ...children];
  return all.length === 0 ? "nothing of ours: its own timers or handles" : all.join(", ");
}

function describeOrphans({ started, left, isServing }: Orphans, afterMs: number | null): string {
  const processes = left
    .map(({ pid, command }) => `\`${command}\` (pid ${String(pid)})`)
    .join(", ");
  const survivors = processes === "" ? "a process outside its group" : processes;
  const begin = `\`${started.command}\` (pid ${String(started.pid)}) exited after ${formatDuration(afterMs ?? 0)} and left ${survivors}`;
  return isServing ? `the signal never reached the server: ${begin} serving` : `${begin} running`;
}

function formatRange(times: readonly number[]): string {
  const low = Math.min(...times);
  const high = Math.max(...times);
  if (times.length === 1) return formatDuration(high);
  return `${formatDuration(low)} to ${formatDuration(high)} over ${String(times.length)} stops`;
}

function over(count: number, what: string): string {
  return count === 1 ? "" : ` in ${String(count)} ${what}s`;
}
