import type { Rule } from "../rule.js";
import { findDevelopmentRunner, listStarted } from "./started.js";

/** `signal/dev-runner` */
export const devRunner: Rule = {
  id: "signal/dev-runner",
  severity: "warning",
  title: "the program runs below a watcher that is made for developers",
  cause:
    "A watcher starts the program as its child and has its own ideas of a stop: some pass the signal on and leave at once, some kill after a moment. " +
    "It watches files that never change there, too.",
  next: "Start the program itself.",
  *check(deployment) {
    for (const { workload, chain } of listStarted(deployment)) {
      const runner = findDevelopmentRunner(chain);
      if (runner?.kind !== "runner") continue;
      const command = runner.words.map(({ text }) => text).join(" ");
      yield { spot: runner.spot, what: `${workload.name}: it is started as \`${command}\`` };
    }
  },
};
