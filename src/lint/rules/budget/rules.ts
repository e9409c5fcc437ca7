import type { Rule } from "../rule.js";
import { exceedsGrant } from "./exceeds-grant.js";
import { windowsRefused } from "./windows-refused.js";

/** Whether times add up. */
export const BUDGET: readonly Rule[] = [exceedsGrant, windowsRefused];
