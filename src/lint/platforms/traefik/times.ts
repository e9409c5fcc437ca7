import { parseDuration } from "../../source/duration.js";
import type { Tree } from "../../source/tree.js";
import { given, type Value } from "../../source/value.js";

/** A time as Go writes it, or a number of seconds; undefined for what is none. */
export function parseTraefikTime(text: string): number | undefined {
  return /^\d+$/.test(text) ? Number(text) * 1_000 : parseDuration(text);
}

/** The same of a value in a file; null where that is none. */
export function toTime(name: string, tree: Tree): Value<number> | null {
  const time = tree.kind === "scalar" ? parseTraefikTime(String(tree.value)) : undefined;
  return time === undefined ? null : given(name, time, tree.spot);
}
