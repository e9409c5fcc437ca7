import type { Rule } from "../rule.js";
import { stopFirstGap } from "./stop-first-gap.js";

/** Stacks of Swarm. */
export const SWARM: readonly Rule[] = [stopFirstGap];
