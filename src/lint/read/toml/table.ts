import type { Spot } from "../../source/source.js";
import type { Entry, Mapping, Tree } from "../../source/tree.js";
import type { Key } from "./key.js";

type Member =
  | { readonly key: Key; readonly kind: "value"; readonly value: Tree }
  | { readonly key: Key; readonly kind: "table"; readonly table: Table }
  | { readonly key: Key; readonly kind: "list"; readonly tables: Table[] };

/** A table while it grows: later headings may add to it. */
export class Table {
  readonly #spot: Spot;
  readonly #members = new Map<string, Member>();

  constructor(spot: Spot) {
    this.#spot = spot;
  }

  /** Sets `a.b.c`; false where there is something already. */
  set(keys: readonly Key[], value: Tree): boolean {
    const last = keys.at(-1);
    if (last === undefined) return false;
    const table = enterAll(this, keys.slice(0, -1), last.spot);
    if (table === undefined || table.#members.has(last.text)) return false;
    table.#members.set(last.text, { key: last, kind: "value", value });
    return true;
  }

  /** The table of a heading; undefined where a value stands in its place. */
  open(keys: readonly Key[], spot: Spot, isList: boolean): Table | undefined {
    if (!isList) return enterAll(this, keys, spot);
    const last = keys.at(-1);
    const parent = enterAll(this, keys.slice(0, -1), spot);
    if (last === undefined || parent === undefined) return undefined;
    const member = parent.#members.get(last.text);
    const table = new Table(spot);
    if (member === undefined)
      parent.#members.set(last.text, { key: last, kind: "list", tables: [table] });
    else if (member.kind === "list") member.tables.push(table);
    else return undefined;
    return table;
  }

  toTree(): Mapping {
    return { kind: "mapping", entries: [...this.#members.values()].map(toEntry), spot: this.#spot };
  }

  /** The table that a key leads to, which is made where there is none; undefined where it leads to a value. */
  enter(key: Key, spot: Spot): Table | undefined {
    const member = this.#members.get(key.text);
    if (member === undefined) {
      const inner = new Table(spot);
      this.#members.set(key.text, { key, kind: "table", table: inner });
      return inner;
    }
    if (member.kind === "table") return member.table;
    return member.kind === "list" ? member.tables.at(-1) : undefined;
  }
}

function enterAll(table: Table, keys: readonly Key[], spot: Spot): Table | undefined {
  let here: Table | undefined = table;
  for (const key of keys) here = here?.enter(key, spot);
  return here;
}

function toEntry(member: Member): Entry {
  return { key: member.key.text, keySpot: member.key.spot, value: valueOf(member) };
}

function valueOf(member: Member): Tree {
  if (member.kind === "value") return member.value;
  if (member.kind === "table") return member.table.toTree();
  return {
    kind: "list",
    items: member.tables.map((table) => table.toTree()),
    spot: member.key.spot,
  };
}
