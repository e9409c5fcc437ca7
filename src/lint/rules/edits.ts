import type { Platform } from "../model/workload.js";
import type { Value } from "../source/value.js";
import type { Edit } from "./rule.js";

/** A time as a platform's file has it: `35`, `35s`, `35000`. */
export function writeTime(milliseconds: number, platform: Platform): string {
  const seconds = Math.ceil(milliseconds / 1_000);
  switch (platform) {
    case "kubernetes":
    case "ecs":
    case "systemd":
      return String(seconds);
    case "pm2":
      return String(Math.ceil(milliseconds));
    case "fly":
    case "nomad":
      return `"${seconds}s"`;
    default:
      return `${seconds}s`;
  }
}

/** The edit that puts a time in place of one that is written; none where nothing is written yet. */
export function editNumber(
  value: Value<number>,
  milliseconds: number,
  platform: Platform,
): { edit?: Edit } {
  if (!value.isExplicit) return {};
  return { edit: { spot: value.spot, text: writeTime(milliseconds, platform) } };
}
