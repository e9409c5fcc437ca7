import { listUnits, type Unit } from "../../platforms/systemd/units.js";
import { parseSystemdTime } from "../../platforms/systemd/times.js";
import type { SystemdEntry } from "../../read/systemd.js";
import type { Fault, Rule } from "../rule.js";

const MODES = ["control-group", "mixed", "process", "none"];
const FLAGS = /^(?:yes|no|true|false|on|off|1|0|y|n|t|f)$/i;

/** What each key takes, and what holds where it is given something else. */
const KEYS: readonly {
  readonly key: string;
  readonly isValid: (value: string) => boolean;
  readonly instead: string;
}[] = [
  { key: "TimeoutStopSec", isValid: isTime, instead: "90 s" },
  { key: "TimeoutSec", isValid: isTime, instead: "90 s" },
  { key: "KillMode", isValid: (value) => MODES.includes(value), instead: "control-group" },
  { key: "KillSignal", isValid: isSignal, instead: "SIGTERM" },
  { key: "SendSIGKILL", isValid: (value) => FLAGS.test(value), instead: "yes" },
];

/** `systemd/value-ignored` */
export const valueIgnored: Rule = {
  id: "systemd/value-ignored",
  severity: "warning",
  title: "systemd does not understand a value, and takes its default",
  cause:
    "A comment stands on a line of its own: behind a value it is a part of the value. systemd writes a line to its log, ignores the setting, and the service stops as if it were not there.",
  next: "Correct the value; a comment stands on a line of its own.",
  *check({ project }) {
    for (const unit of project.once(listUnits)) yield* judge(unit);
  },
};

function judge(unit: Unit): Fault[] {
  return KEYS.flatMap(({ key, isValid, instead }) =>
    unit
      .all(key)
      .filter(({ value }) => !value.includes("%") && !isValid(value))
      .map((entry) => toFault(entry, isValid, instead)),
  );
}

function toFault(
  { key, value, valueSpot }: SystemdEntry,
  isValid: (value: string) => boolean,
  instead: string,
): Fault {
  const what = `\`${value}\` is no value of ${key}: ${instead} holds`;
  const [, good = "", comment = ""] = /^(\S.*?)\s+[#;](.*)$/.exec(value) ?? [];
  if (!isValid(good)) return { spot: valueSpot, what };
  const next = `Put \`#${comment}\` on a line of its own.`;
  return { spot: valueSpot, what, next, edit: { spot: valueSpot, text: good } };
}

function isTime(value: string): boolean {
  return value === "infinity" || parseSystemdTime(value) !== undefined;
}

function isSignal(value: string): boolean {
  return /^(?:SIG)?(?:[A-Z]+\d?(?:[+-]\d+)?)$|^\d+$/.test(value);
}
