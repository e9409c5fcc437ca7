import type { Rule } from "../rule.js";
import { durationUnit } from "./duration-unit.js";

/** Compose files. */
export const COMPOSE: readonly Rule[] = [durationUnit];
