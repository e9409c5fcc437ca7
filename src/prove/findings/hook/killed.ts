import { formatDuration } from "../../facts/duration.js";
import type { StopFacts } from "../facts.js";
import { findHeld, listHeld } from "../holders.js";
import type { Rule, Sighting } from "../rule.js";
import { showFact } from "../say.js";
import { hasClosedListener } from "../stopped.js";

export const killed: Rule = {
  id: "hook/killed",
  severity: "error",
  title:
    "its own hooks, timers or handles hold it to the end of the grace period, with no connection of ours open",
  cause:
    "Every client had gone, and the process was still there when the grace period ended: a stop step that never settles, a timer, a pool or a consumer that was not closed.",
  next: "Give each stop step a time-out of its own, close pools and consumers, clear timers. In Node `process.getActiveResourcesInfo()` names what keeps the loop alive.",
  explainedBy: ["signal/never-arrived", "signal/ignored", "keepalive/no-close-header"],
  find: (facts: StopFacts): Sighting | undefined => {
    const { trial, asked, held } = facts;
    if (held === null || KINDS.some((kind) => findHeld(facts, kind).length > 0)) return undefined;
    const others = held.processes.map(({ pid, command }) => `\`${command}\` (pid ${String(pid)})`);
    const pool = findHeld(facts, "pool");
    const ours = pool.length === 0 ? "no connection of the load" : listHeld(pool);
    const by = others.length === 0 ? ours : `its children ${others.join(", ")}`;
    const listener = hasClosedListener(facts) ? "its listener closed" : "its listener still open";
    const what = `not gone at the end of the ${formatDuration(asked.grace)} grace period, with ${listener}, kept open by ${by}`;
    return { what, count: 1, evidence: [showFact(trial, what, asked.grace)] };
  },
};

const KINDS = ["idle", "stream", "websocket", "h2"] as const;
