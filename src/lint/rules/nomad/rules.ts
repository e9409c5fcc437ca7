import type { Rule } from "../rule.js";
import { graceShort } from "./grace-short.js";
import { killTimeoutCapped } from "./kill-timeout-capped.js";
import { noShutdownDelay } from "./no-shutdown-delay.js";

export const NOMAD: readonly Rule[] = [graceShort, noShutdownDelay, killTimeoutCapped];
