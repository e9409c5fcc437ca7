import { createRequire } from "node:module";
import type * as Yaml from "yaml";
import type { Problem, Source } from "../../source/source.js";
import type { Entry, Tree } from "../../source/tree.js";

/** A parsed document: its tree, and what is wrong with it. */
export interface Composed {
  readonly tree: Tree | null;
  readonly start: number;
  readonly problems: readonly Problem[];
}

// Aliases can make a few lines a million nodes: more than this no deployment has.
const MOST_NODES = 200_000;
const DEEPEST = 200;

let loaded: typeof Yaml | undefined;

/** Loaded when the first document is read: `lastcall explain` and a folder without YAML need none of it. */
function load(): typeof Yaml {
  loaded ??= createRequire(import.meta.url)("yaml") as typeof Yaml;
  return loaded;
}

/** Parses each document of a text. */
export function compose(source: Source): readonly Composed[] {
  const documents = load().parseAllDocuments(source.text, {
    prettyErrors: false,
    logLevel: "silent",
    // What is twice is said by YAML's own tools; here the last one counts, as in the platforms' readers.
    uniqueKeys: false,
    strict: false,
  });
  return "empty" in documents ? [] : documents.map((document) => toComposed(document, source));
}

function toComposed(document: Yaml.Document.Parsed, source: Source): Composed {
  const problems = document.errors.map(({ pos, message }) => ({
    spot: source.spot(skipBlank(source.text, pos[0]), pos[1]),
    what: (message.split("\n")[0] ?? "").replace(/\.$/, ""),
  }));
  const start = document.contents?.range?.[0] ?? document.range[0];
  if (problems.length > 0) return { tree: null, start, problems };
  const walk = new Walk(source);
  const tree = walk.toTree(document.contents, 0);
  if (!walk.isTooLarge) return { tree, start, problems };
  const what = "it grows too large by its aliases";
  return { tree: null, start, problems: [{ spot: source.spot(start), what }] };
}

/** What is wrong is said to begin with the blank lines before it. */
function skipBlank(text: string, start: number): number {
  const next = text.slice(start).search(/\S/);
  return next === -1 ? start : start + next;
}

/** Turns nodes into trees, aliases and merges included. */
class Walk {
  isTooLarge = false;
  readonly #source: Source;
  /** The nodes that aliases name: the package would look through the whole document for each of them. */
  readonly #anchors = new Map<string, unknown>();
  #nodes = 0;

  constructor(source: Source) {
    this.#source = source;
  }

  toTree(node: unknown, depth: number): Tree {
    const { isAlias, isMap, isScalar, isSeq } = load();
    this.#nodes += 1;
    if (this.#nodes > MOST_NODES || depth > DEEPEST) this.isTooLarge = true;
    const spot = this.#spotOf(node);
    if (this.isTooLarge) return { kind: "unknown", spot };
    if (isAlias(node)) return this.toTree(this.#anchors.get(node.source), depth + 1);
    this.#remember(node);
    if (isSeq(node)) {
      return { kind: "list", items: node.items.map((item) => this.toTree(item, depth + 1)), spot };
    }
    if (isMap(node)) {
      const entries = node.items.flatMap((pair) => this.#toEntries(pair, depth + 1));
      return { kind: "mapping", entries, spot };
    }
    if (!isScalar(node))
      return node === null ? { kind: "scalar", value: null, spot } : { kind: "unknown", spot };
    const { value } = node;
    const isPlain = value === null || ["string", "number", "boolean"].includes(typeof value);
    return isPlain
      ? { kind: "scalar", value: value as string | number | boolean | null, spot }
      : { kind: "unknown", spot };
  }

  #remember(node: unknown): void {
    const { anchor } = (node ?? {}) as { anchor?: string };
    if (anchor !== undefined) this.#anchors.set(anchor, node);
  }

  #toEntries(pair: unknown, depth: number): Entry[] {
    const { isPair, isScalar } = load();
    if (!isPair(pair)) return [];
    const { key, value } = pair;
    const name = isScalar(key) ? key.value : key;
    const isName = ["string", "number", "boolean"].includes(typeof name);
    if (!isName) return [];
    const tree = this.toTree(value ?? null, depth);
    if (name === "<<" && tree.kind !== "scalar") return listMerged(tree);
    const keySpot = this.#spotOf(key);
    // An empty value has no place of its own.
    const placed = value === null ? { ...tree, spot: this.#source.spot(keySpot.end) } : tree;
    return [{ key: String(name), keySpot, value: placed }];
  }

  #spotOf(node: unknown): ReturnType<Source["spot"]> {
    const range = (node as { range?: [number, number, number] | null } | null)?.range;
    return this.#source.spot(range?.[0] ?? 0, range?.[1] ?? 0);
  }
}

/** `<<: *base` and `<<: [*a, *b]`: of several, the first one counts, so it comes last. */
function listMerged(tree: Tree): Entry[] {
  if (tree.kind === "mapping") return [...tree.entries];
  return tree.kind === "list" ? tree.items.toReversed().flatMap(listMerged) : [];
}
