import type { Spot } from "./source.js";

/** A value as YAML, JSON, TOML, HCL and literals of JavaScript have it, with its place. */
export type Tree = Scalar | List | Mapping | Unknown;

interface Scalar {
  readonly kind: "scalar";
  readonly value: string | number | boolean | null;
  readonly spot: Spot;
}

interface List {
  readonly kind: "list";
  readonly items: readonly Tree[];
  readonly spot: Spot;
}

export interface Mapping {
  readonly kind: "mapping";
  readonly entries: readonly Entry[];
  readonly spot: Spot;
}

export interface Entry {
  readonly key: string;
  readonly keySpot: Spot;
  readonly value: Tree;
}

/** What only the program that reads the file knows: an expression, a variable, a template. */
interface Unknown {
  readonly kind: "unknown";
  readonly spot: Spot;
}

/** The entry of a mapping; of several with one key, the last one counts. */
export function entryOf(tree: Tree | undefined, key: string): Entry | undefined {
  return tree?.kind === "mapping" ? tree.entries.findLast((entry) => entry.key === key) : undefined;
}

/** What stands at a path of keys and indices; undefined where there is nothing. */
export function at(
  tree: Tree | undefined,
  ...path: readonly (string | number)[]
): Tree | undefined {
  let here = tree;
  for (const step of path) {
    if (typeof step === "string") here = entryOf(here, step)?.value;
    else here = here?.kind === "list" ? here.items[step] : undefined;
  }
  return here;
}

/** The items of a list; none of anything else. */
export function itemsOf(tree: Tree | undefined): readonly Tree[] {
  return tree?.kind === "list" ? tree.items : [];
}

/** The entries of a mapping; none of anything else. */
export function entriesOf(tree: Tree | undefined): readonly Entry[] {
  return tree?.kind === "mapping" ? tree.entries : [];
}

/** The text of a scalar that is one. */
export function textOf(tree: Tree | undefined): string | undefined {
  return tree?.kind === "scalar" && typeof tree.value === "string" ? tree.value : undefined;
}

/** The number of a scalar, also where it stands in quotes: `"30"`. */
export function numberOf(tree: Tree | undefined): number | undefined {
  if (tree?.kind !== "scalar") return undefined;
  if (typeof tree.value === "number") return tree.value;
  if (typeof tree.value !== "string" || !/^-?\d+(?:\.\d+)?$/.test(tree.value)) return undefined;
  return Number(tree.value);
}

/** The boolean of a scalar that is one. */
export function flagOf(tree: Tree | undefined): boolean | undefined {
  return tree?.kind === "scalar" && typeof tree.value === "boolean" ? tree.value : undefined;
}
