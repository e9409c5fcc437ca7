import type { Criterion, TrialResult } from "../facts/result.js";
import { judgeRollouts } from "./judge-rollout.js";
import { judge, type Expectations } from "./judge.js";

/** The criteria over all trials, of stops or of rollouts. */
export function judgeAll(trials: readonly TrialResult[], expected: Expectations): Criterion[] {
  const rollouts = trials.flatMap(({ requests, rollout, silence, effects }) =>
    rollout === null ? [] : [{ requests, rollout, silence, effects }],
  );
  return rollouts.length > 0 ? judgeRollouts(rollouts) : judge(trials, expected);
}
