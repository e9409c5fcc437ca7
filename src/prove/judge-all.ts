import { judge, type Expectations } from "./judge.js";
import { judgeRollouts } from "./judge-rollout.js";
import type { Criterion, TrialResult } from "./result.js";

/** The criteria over all trials, of stops or of rollouts. */
export function judgeAll(trials: readonly TrialResult[], expected: Expectations): Criterion[] {
  const rollouts = trials.flatMap(({ requests, rollout }) =>
    rollout === null ? [] : [{ requests, rollout }],
  );
  return rollouts.length > 0 ? judgeRollouts(rollouts) : judge(trials, expected);
}
