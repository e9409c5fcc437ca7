import type { RequestRow } from "../../facts/row.js";
import type { EffectFacts } from "../facts.js";
import type { Sighting } from "../rule.js";
import { afterOrigin, amountOf, MAX_EVIDENCE, showRequest } from "../say.js";

/** A sighting of requests whose effects are not what their clients were told; undefined when there is none. */
export function sightEffects(
  { origin }: EffectFacts,
  rows: readonly RequestRow[],
  { what, how }: { what: (count: string) => string; how: (row: RequestRow) => string },
): Sighting | undefined {
  const sorted = [...rows].sort((a, b) => a.endMs - b.endMs);
  const [first] = sorted;
  if (first === undefined) return undefined;
  const when = `${rows.length === 1 ? "" : "the first "}${afterOrigin(first.endMs, origin)}`;
  return {
    what: `${what(amountOf(rows.length, "request"))}, ${when}`,
    count: rows.length,
    evidence: sorted
      .slice(0, MAX_EVIDENCE)
      .map((row) =>
        showRequest(row, `${how(row)} ${afterOrigin(row.endMs, origin)}: \`${row.id}\``, row.endMs),
      ),
  };
}
