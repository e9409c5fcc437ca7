import type { Source, Spot } from "#src/lint/source/source.js";

type Range = Pick<Spot, "start" | "end"> & Partial<Spot>;

/** Every place in what a parser gave, however deep. */
export function listSpots(value: unknown): Range[] {
  const found: Range[] = [];
  const seen = new Set<unknown>();
  const open: unknown[] = [value];
  while (open.length > 0) {
    const one = open.pop();
    if (typeof one !== "object" || one === null || seen.has(one)) continue;
    seen.add(one);
    if (isRange(one)) found.push(one);
    if (one instanceof Map) open.push(...one.values());
    // What is read when it is asked for stands on the prototype.
    else
      for (const key of new Set([...Object.keys(one), "args", "spot"]))
        open.push(Reflect.get(one, key));
  }
  return found;
}

function isRange(value: object): value is Range {
  return (
    "start" in value &&
    "end" in value &&
    typeof value.start === "number" &&
    typeof value.end === "number"
  );
}

/** Those that do not lie in the text, or whose line and column are those of another character. */
export function misplaced(spots: readonly Range[], { text }: Source): Range[] {
  return spots.filter(({ start, end, line, column }) => {
    if (!(start >= 0 && start <= end && end <= text.length)) return true;
    if (line === undefined || column === undefined) return false;
    const before = text.slice(0, start);
    return line !== before.split("\n").length || column !== start - before.lastIndexOf("\n");
  });
}
