import type { Rule } from "../rule.js";
import { notEvaluated } from "./not-evaluated.js";
import { unparsable } from "./unparsable.js";
import { unrendered } from "./unrendered.js";
import { unusedIgnore } from "./unused-ignore.js";

/** What lint could not do, or was told in vain. */
export const LINT: readonly Rule[] = [unrendered, unparsable, notEvaluated, unusedIgnore];
