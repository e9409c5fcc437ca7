import type { Effects } from "./result.js";
import type { RequestRow } from "./row.js";

/** How often each request took effect, by its id, as the service's own records tell. */
export type EffectCounts = ReadonlyMap<string, number>;

/** What became of one request. */
export type Effect = "answered" | "lost" | "missing" | "none";

/** Says of each request what became of it, in the order of the ledger. */
export function sortEffects(
  rows: readonly RequestRow[],
  counts: EffectCounts,
): readonly (readonly [RequestRow, Effect])[] {
  const leaves = new Set(rows.filter(({ id }) => counts.has(id)).map(routeOf));
  return rows.map((row) => {
    const isAnswered = row.outcome === "ok" && row.status !== null && row.status < 300;
    if (counts.has(row.id)) return [row, row.outcome === "ok" ? "answered" : "lost"];
    return [row, isAnswered && leaves.has(routeOf(row)) ? "missing" : "none"];
  });
}

export function sumEffects(rows: readonly RequestRow[], counts: EffectCounts): Effects {
  const sum = { answered: 0, lost: 0, missing: 0, none: 0 };
  for (const [, effect] of sortEffects(rows, counts)) sum[effect] += 1;
  return { ...sum, twice: rows.filter(({ id }) => isTwice(id, counts)).length };
}

export function isTwice(id: string, counts: EffectCounts): boolean {
  return (counts.get(id) ?? 0) > 1;
}

/** `POST /orders/{{id}}`: requests that differ in nothing but their ids leave the same kind of effect. */
function routeOf({ method, path, id }: RequestRow): string {
  return `${method} ${path.replaceAll(id, "{{id}}")}`;
}
