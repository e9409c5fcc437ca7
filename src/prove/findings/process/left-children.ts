import type { StopFacts } from "../facts.js";
import type { Rule, Sighting } from "../rule.js";
import { showFact } from "../say.js";

export const leftChildren: Rule = {
  id: "process/left-children",
  severity: "error",
  title: "the process exits and leaves children running",
  cause:
    "The started process had children of its own and exited without ending them. In a container they are killed with it; on a host they stay, with their locks, sockets and memory.",
  next: "At the stop signal your children, wait for their exit, and only then leave.",
  explainedBy: ["signal/never-arrived"],
  find: ({ stop, trial, exitMs }: StopFacts): Sighting | undefined => {
    const { orphans } = stop.exit;
    if (orphans === null || orphans.isServing || orphans.left.length === 0) return undefined;
    const { left } = orphans;
    const processes = left.map(({ pid, command }) => `\`${command}\` (pid ${String(pid)})`);
    return {
      what: `exited and left ${processes.join(", ")} running`,
      count: left.length,
      evidence: processes.map((child) => showFact(trial, `${child} outlived it`, exitMs)),
    };
  },
};
