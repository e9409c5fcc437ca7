import type { ExitResult, StopResult } from "../../facts/result.js";
import type { Rollout } from "../../facts/rollout.js";

/** An instant of a stop, as seen on the wire. */
export interface Mark {
  /** One letter, for where there is no room. */
  readonly letter: string;
  /** A word or two, for a label. */
  readonly label: string;
  readonly text: string;
  /** From the signal. */
  readonly ms: number;
}

/** What a stop's time is divided into, as far as it can be seen from outside. */
export interface Phase {
  readonly name:
    "under load" | "accepting" | "draining" | "leaving" | "gone" | "command runs" | "afterwards";
  readonly text: string;
  /** From the signal; null for the beginning of the record. */
  readonly fromMs: number | null;
  /** From the signal; null for the end of the record. */
  readonly toMs: number | null;
}

/** The instants of a stop in the order they came. */
export function listMarks({ signal, exit, timeline }: StopResult): Mark[] {
  const seen: [string, string, string, number | null][] = [
    ["S", "signal", signal === null ? "told to stop" : `${signal} sent`, 0],
    ["C", "says close", "first answer with Connection: close", timeline.firstCloseMs],
    ["G", "GOAWAY", "first GOAWAY", timeline.firstGoawayMs],
    ["T", "second signal", `${String(signal)} sent again`, timeline.signalledAgainMs],
    ["A", "last accepted", "last connection accepted and answered", timeline.lastAcceptedMs],
    ["L", "listener closed", "listener closed", timeline.listenerClosedMs],
    ["R", "first refused", "first connection refused", timeline.firstRefusedMs],
    ["B", "last byte", "last response byte", timeline.lastByteMs],
    ["X", ...describeExit(exit), timeline.exitMs],
  ];
  return seen
    .flatMap(([letter, label, text, ms]) => (ms === null ? [] : [{ letter, label, text, ms }]))
    .sort((a, b) => a.ms - b.ms);
}

function describeExit({ code, killed }: ExitResult): [label: string, text: string] {
  if (code === null) return ["exit", "process has gone"];
  const text = `process exited with ${String(code)}`;
  if (killed === null) return [`exit ${String(code)}`, text];
  return ["killed", `${text}, by SIGKILL at the end of the grace period`];
}

type RolloutPhase = "command runs" | "afterwards";

const TEXTS: Readonly<Record<Exclude<Phase["name"], RolloutPhase>, string>> = {
  "under load": "before the signal",
  accepting: "signalled, and new connections are still taken",
  draining: "no new connections: requests in flight are answered",
  leaving: "after the last response byte: nothing more comes",
  gone: "the process has exited",
};

/**
 * The phases of a stop. They follow from what was seen, so one that was not is left out: a process
 * that dies at the signal has none between it and its exit.
 */
export function listPhases({ timeline }: StopResult): Phase[] {
  const { exitMs, listenerClosedMs, firstRefusedMs, lastByteMs } = timeline;
  const end = exitMs ?? Number.POSITIVE_INFINITY;
  // Where it was not seen to close, answers tell that it had been open.
  const answered = lastByteMs !== null && lastByteMs > 0 ? lastByteMs : end;
  const closed = clamp(listenerClosedMs ?? firstRefusedMs ?? answered, 0, end);
  const lastByte = clamp(lastByteMs ?? 0, closed, end);
  const phases: [keyof typeof TEXTS, number | null, number][] = [
    ["under load", null, 0],
    ["accepting", 0, closed],
    ["draining", closed, lastByte],
    ["leaving", lastByte, end],
    ["gone", end, Number.POSITIVE_INFINITY],
  ];
  return phases
    .filter(([, from, to]) => from === null || to > from)
    .map(([name, fromMs, to]) => {
      return { name, text: TEXTS[name], fromMs, toMs: Number.isFinite(to) ? to : null };
    });
}

function clamp(value: number, least: number, most: number): number {
  return Math.min(most, Math.max(least, value));
}

/** The instants of a rollout, from the start of its command. */
export function listRolloutMarks({ command, exitCode, endMs }: Rollout): Mark[] {
  const code = `exited with ${String(exitCode)}`;
  return [
    { letter: "S", label: "start", text: `\`${command}\` started`, ms: 0 },
    { letter: "E", label: "end", text: `\`${command}\` ${code}`, ms: endMs },
  ];
}

/** The phases of a rollout. */
export function listRolloutPhases({ endMs }: Rollout): Phase[] {
  return [
    { name: "under load", text: "before the command", fromMs: null, toMs: 0 },
    { name: "command runs", text: "from its start to its end", fromMs: 0, toMs: endMs },
    { name: "afterwards", text: "the load goes on for a while", fromMs: endMs, toMs: null },
  ];
}
