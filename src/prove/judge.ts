import { formatDuration } from "./duration.js";
import type { Criterion, ExitResult, Held, Orphans, StopResult, TrialResult } from "./result.js";

type Judged = Pick<TrialResult, "requests" | "stops">;

/** The criteria of a stop, over one trial or several. */
export function judge(trials: readonly Judged[], graceMs: number): Criterion[] {
  const stops = trials.flatMap((trial) => trial.stops);
  const orphaned = stops.find(({ exit }) => exit.orphans !== null)?.exit;
  const criteria = [
    judgeDropped(trials),
    judgeExitCode(stops, graceMs),
    judgeExitTime(stops, graceMs),
    measureTail(stops),
  ];
  return orphaned === undefined ? criteria : [judgeDelivery(orphaned), ...criteria];
}

function judgeDropped(trials: readonly Judged[]): Criterion {
  let lost = 0;
  let all = 0;
  for (const { requests } of trials) {
    lost += requests.dropped + requests.refused;
    all += requests.ok + requests.dropped + requests.refused;
  }
  return {
    name: "dropped requests",
    expected: "== 0",
    measured: `${formatCount(lost)} of ${formatCount(all)}${over(trials.length, "trial")}`,
    passed: lost === 0,
  };
}

function judgeExitCode(stops: readonly StopResult[], graceMs: number): Criterion {
  const wrong = stops.filter(({ exit }) => exit.code !== 0);
  const worst = wrong[0]?.exit;
  const shown = worst === undefined ? "0" : describeExit(worst, graceMs);
  const share = `in ${String(worst === undefined ? stops.length : wrong.length)} of ${String(stops.length)} stops`;
  return {
    name: "exit code",
    expected: "== 0",
    measured: stops.length === 1 ? shown : `${shown} ${share}`,
    passed: wrong.length === 0,
  };
}

function judgeExitTime(stops: readonly StopResult[], graceMs: number): Criterion {
  const times = stops.map(({ exit }) => exit.afterSignalMs);
  return {
    name: "time from signal to exit",
    expected: `< grace ${formatDuration(graceMs)}`,
    measured: formatRange(times),
    passed: stops.every(({ exit }) => exit.killed === null && exit.afterSignalMs < graceMs),
  };
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
    return `${code} (SIGKILL at the end of the ${formatDuration(graceMs)} grace period; held by: ${held})`;
  }
  return exit.signal === null ? code : `${code} (ended by ${exit.signal})`;
}

/** What kept the process, in words: our connections by what they were doing, then its children. */
function describeHeld({ connections, processes }: Held): string {
  const counts = new Map<string, number>();
  for (const { state, request } of connections) {
    const what = request === null ? state : `${state} (${request})`;
    counts.set(what, (counts.get(what) ?? 0) + 1);
  }
  const held = [...counts].map(([what, count]) => `${String(count)} × ${what}`);
  const children = processes.map(({ pid, command }) => `child \`${command}\` (pid ${String(pid)})`);
  const all = [...held, ...children];
  return all.length === 0 ? "nothing of ours: its own timers or handles" : all.join(", ");
}

function describeOrphans({ started, left, isServing }: Orphans, afterMs: number): string {
  const who = left.map(({ pid, command }) => `\`${command}\` (pid ${String(pid)})`).join(", ");
  const whom = who === "" ? "a process outside its group" : who;
  const begin = `\`${started.command}\` (pid ${String(started.pid)}) exited after ${formatDuration(afterMs)} and left ${whom}`;
  return isServing ? `the signal never reached the server: ${begin} serving` : `${begin} running`;
}

function formatRange(times: readonly number[]): string {
  const low = Math.min(...times);
  const high = Math.max(...times);
  if (times.length === 1) return formatDuration(high);
  return `${formatDuration(low)} to ${formatDuration(high)} over ${String(times.length)} stops`;
}

/** 12480 → `12,480`. */
export function formatCount(count: number): string {
  return count.toLocaleString("en-US");
}

function over(count: number, what: string): string {
  return count === 1 ? "" : ` in ${String(count)} ${what}s`;
}
