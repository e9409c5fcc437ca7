import type { Rule } from "../rule.js";
import { execStopKills } from "./exec-stop-kills.js";
import { graceShort } from "./grace-short.js";
import { killMode } from "./kill-mode.js";
import { pipeline } from "./pipeline.js";
import { valueIgnored } from "./value-ignored.js";

export const SYSTEMD: readonly Rule[] = [
  killMode,
  execStopKills,
  valueIgnored,
  pipeline,
  graceShort,
];
