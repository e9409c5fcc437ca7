import type { StopFacts } from "../facts.js";
import type { Loss } from "../loss.js";
import { answersSince } from "../stopped.js";

/** Connections on which an answer could have said close and did not; empty once any answer does. */
export function findUnannounced(facts: StopFacts): ReadonlySet<number> {
  const answers = answersSince(facts);
  const hasSaid = facts.stop.timeline.firstCloseMs !== null;
  return new Set(hasSaid ? [] : answers.map(({ connection }) => connection));
}

/** Requests that crossed the close of a connection whose client had not been told. */
export function splitCrossed(facts: StopFacts): { told: readonly Loss[]; untold: readonly Loss[] } {
  const unannounced = findUnannounced(facts);
  const isUntold = ({ row }: Loss): boolean => unannounced.has(row.connection);
  const { crossed } = facts.losses;
  return {
    told: crossed.filter((loss) => !isUntold(loss)),
    untold: crossed.filter(isUntold),
  };
}
