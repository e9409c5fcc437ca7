import type { ResolvedOptions } from "../options/resolve.js";
import { RolloutTrial } from "./rollout-trial.js";
import { StopTrial } from "./stop-trial.js";
import type { Trial, TrialContext } from "./trial.js";

/** The trial for what the proof points at. */
export function createTrial(options: ResolvedOptions, context: TrialContext): Trial {
  const { pointing } = options;
  if (pointing.way === "rollout") return new RolloutTrial(options, pointing, context);
  return new StopTrial(options, pointing, context);
}
