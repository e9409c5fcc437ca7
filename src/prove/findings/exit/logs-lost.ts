import type { StopFacts } from "../facts.js";
import type { Rule, Sighting } from "../rule.js";
import { showFact } from "../say.js";
import { leftAt } from "../stopped.js";

const SHOWN = 80;

export const logsLost: Rule = {
  id: "exit/logs-lost",
  severity: "warning",
  title: "the output ends in the middle of a line",
  cause:
    "The process exited before everything it had written was out: a buffer that was not flushed, or a write that was still on its way. The lines that are missing are those on the stop itself.",
  next: "Flush the log as the last step and exit when that is done. Avoid `process.exit()` and `os._exit()` while something is being written; let the process end by itself.",
  explainedBy: [
    "signal/never-arrived",
    "exit/died-of-signal",
    "exit/raised-again",
    "signal/repeat-cuts",
    "exit/at-once",
  ],
  find: (facts: StopFacts): Sighting | undefined => {
    const { tornLine, trial } = facts;
    const left = leftAt(facts);
    if (left === null || tornLine === null || tornLine.trim() === "") return undefined;
    const line = tornLine.length > SHOWN ? `${tornLine.slice(0, SHOWN)}…` : tornLine;
    const what = `the output ends in the middle of a line: \`${line}\``;
    return { what, count: 1, evidence: [showFact(trial, what, left)] };
  },
};
