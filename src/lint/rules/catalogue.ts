// rules/: what can be wrong with a deployment, one rule a file: `<platform>/<fault>.ts`. This file is the list of them.
import type { Described } from "../../findings/catalogue.js";
import { BUDGET } from "./budget/rules.js";
import { LINT } from "./lint/rules.js";
import type { Rule } from "./rule.js";
import { SIGNAL } from "./signal/rules.js";

/** Every rule, in the order of their pages' table. */
export const RULES: readonly Rule[] = [...BUDGET, ...SIGNAL, ...LINT];

/** The same without what looks for them. */
export const CATALOGUE: readonly Described[] = RULES;
