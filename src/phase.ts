/**
 * Where a service is in its life. `starting`: not all that is to listen does; again when nothing does any more.
 * `lame-duck`: not ready, still accepting. `draining`: listeners
 * closed, in-flight work goes on. `aborting`: request signals have fired. `closing`: tasks are
 * joined and hooks run. How a drain ended is a separate word, see {@link Outcome}.
 */
export type Phase =
  "starting" | "ready" | "lame-duck" | "draining" | "aborting" | "closing" | "closed";

/**
 * How a drain ended. `clean`: everything finished by itself. `aborted`: something had to be told to
 * give up, or was cut. `failed`: a hook or task failed, or the process threw during the drain.
 */
export type Outcome = "clean" | "aborted" | "failed";

/** What it means for the outcome that something untracked is alive at the end, see {@link LastcallOptions.untracked}. */
export type UntrackedPolicy = "wait" | "warn" | "fail";

/** See {@link HookOptions.stage}. */
export type HookStage = "draining" | "closing" | "last";

const NEXT: Readonly<Record<Phase, readonly Phase[]>> = {
  starting: ["ready", "lame-duck", "draining"],
  ready: ["starting", "lame-duck", "draining"],
  "lame-duck": ["draining"],
  draining: ["aborting", "closing"],
  aborting: ["closing"],
  closing: ["closed"],
  closed: [],
};

/** Whether a service in phase `from` may enter phase `to`. */
export function isLegal(from: Phase, to: Phase): boolean {
  return NEXT[from].includes(to);
}

/** Whether a drain has begun. */
export function isStopping(phase: Phase): boolean {
  return phase !== "starting" && phase !== "ready";
}
