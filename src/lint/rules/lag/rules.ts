import type { Rule } from "../rule.js";
import { exceedsLameDuck } from "./exceeds-lame-duck.js";
import { lameDuckOff } from "./lame-duck-off.js";
import { readyWhileDraining } from "./ready-while-draining.js";

/** Whether the program accepts for as long as it is still sent to. */
export const LAG: readonly Rule[] = [exceedsLameDuck, lameDuckOff, readyWhileDraining];
