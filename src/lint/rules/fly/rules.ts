import type { Rule } from "../rule.js";
import { graceShort } from "./grace-short.js";

export const FLY: readonly Rule[] = [graceShort];
