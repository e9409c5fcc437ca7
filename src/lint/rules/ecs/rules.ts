import type { Rule } from "../rule.js";
import { stopTimeout } from "./stop-timeout.js";

export const ECS: readonly Rule[] = [stopTimeout];
