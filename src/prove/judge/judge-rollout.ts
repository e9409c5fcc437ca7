import { formatDuration } from "../facts/duration.js";
import type { Criterion, TrialResult } from "../facts/result.js";
import type { Rollout } from "../facts/rollout.js";
import { judgeEffects } from "./judge-effects.js";
import { judgeSilence } from "./judge-silence.js";
import { judgeDropped } from "./judge.js";

type Judged = Pick<TrialResult, "requests" | "silence" | "effects"> & { readonly rollout: Rollout };

/** The criteria of commands that ran under load. */
export function judgeRollouts(trials: readonly Judged[]): Criterion[] {
  const rollouts = trials.map(({ rollout }) => rollout);
  const silences = trials.map(({ silence }) => silence);
  return [
    judgeDropped(trials, false),
    ...judgeEffects(trials),
    judgeSilence(silences, "the command's start"),
    judgeCode(rollouts),
    measureTime(rollouts),
  ];
}

function judgeCode(rollouts: readonly Rollout[]): Criterion {
  const codes = rollouts.map(({ exitCode }) => exitCode);
  const wrong = codes.filter((code) => code !== 0);
  const share = `in ${String(wrong.length || codes.length)} of ${String(codes.length)} trials`;
  const shown = String(wrong[0] ?? 0);
  return {
    name: "exit code of the command",
    expected: "== 0",
    measured: codes.length === 1 ? shown : `${shown} ${share}`,
    passed: wrong.length === 0,
  };
}

function measureTime(rollouts: readonly Rollout[]): Criterion {
  const times = rollouts.map(({ endMs }) => endMs);
  const [low, high] = [Math.min(...times), Math.max(...times)].map(formatDuration);
  const measured = times.length === 1 ? String(high) : `${String(low)} to ${String(high)}`;
  return { name: "time the command ran", expected: "", measured, passed: null };
}
