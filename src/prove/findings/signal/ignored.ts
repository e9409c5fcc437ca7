import type { StopFacts } from "../facts.js";
import type { Rule, Sighting } from "../rule.js";
import { afterSignal, nameSignal, showFact, showRequest } from "../say.js";
import { answersSince, hasClosedListener, hasSaidGoodbye } from "../stopped.js";

export const ignored: Rule = {
  id: "signal/ignored",
  severity: "error",
  title: "the process got the signal and went on as before",
  cause:
    "The process got the signal and does nothing with it, is the first one of a container and has no listener, so that the kernel does not end it, or waits before its first step for something that never comes. It takes new connections, says close to no client, and is killed with everything in flight.",
  next: "Listen for the signal, and stop in order: say close, stop accepting, finish what is in flight, exit. Look for `process.on('SIGTERM', () => {})`, a library that takes the signal, or an await before the first step.",
  explainedBy: ["signal/never-arrived"],
  find: (facts: StopFacts): Sighting | undefined => {
    const { stop, trial, held, asked } = facts;
    if (held === null || hasSaidGoodbye(facts) || hasClosedListener(facts)) {
      return undefined;
    }
    const answers = answersSince(facts);
    const last = answers.at(-1);
    if (last === undefined) return undefined;
    const what = `${nameSignal(stop)} changed nothing: ${String(answers.length)} answers since, none of which says close, the listener still open at the end of the grace period`;
    const evidence = [
      showFact(trial, `the listener was open ${afterSignal(asked.grace)}`, asked.grace),
      ...answers.slice(-3).map((row) => {
        return showRequest(row, `was answered as before ${afterSignal(row.endMs)}`, row.endMs);
      }),
    ];
    return { what, count: answers.length, evidence };
  },
};
