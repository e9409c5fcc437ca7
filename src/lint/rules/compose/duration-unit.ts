import { listServices } from "../../platforms/compose/compose.js";
import { at, numberOf } from "../../source/tree.js";
import type { Rule } from "../rule.js";

/** `compose/duration-unit` */
export const durationUnit: Rule = {
  id: "compose/duration-unit",
  severity: "error",
  title: "`stop_grace_period` has no unit",
  cause: "A duration of Compose has one: `30s`. Without it the file is refused.",
  next: "Write the unit.",
  *check({ project }) {
    for (const { entry, source } of project.once(listServices)) {
      const time = at(entry.value, "stop_grace_period");
      const seconds = numberOf(time);
      if (time === undefined || seconds === undefined || seconds === 0) continue;
      const isQuoted = /^["']/.test(source.at(time.spot));
      yield {
        spot: time.spot,
        what: `${entry.key}: stop_grace_period ${seconds} has no unit`,
        next: `Write \`${seconds}s\`.`,
        ...(isQuoted ? {} : { edit: { spot: time.spot, text: `${seconds}s` } }),
      };
    }
  },
};
