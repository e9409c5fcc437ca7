/**
 * What a row of the table of options is.
 *
 * @module
 */
import type { Default } from "./default-kinds.js";
import type { Kind, Text } from "./kinds.js";

/** One option: what it takes, what holds without it, and what it means. */
export interface Option<T> {
  readonly takes: Kind<T>;
  readonly default: Default<T>;
  /** For the page of options, in Markdown whose links start in `docs/`. */
  readonly meaning: string;
}

/** Options under one name. */
export interface Group<O extends object> {
  readonly members: Options<O>;
  /** What may be given in place of the object: `false`, `true`, both, or neither. */
  readonly alone: readonly boolean[];
  /** As the page has it. */
  readonly type: string;
  readonly default: Default<unknown>;
  readonly meaning: string;
  /** How what stands for the whole group is written in its environment variable; undefined where it has none. */
  readonly text?: Text<boolean | Partial<O>>;
}

/** An option for each that the interface `O` has, so that neither has one that the other does not know. */
export type Options<O> = { readonly [K in keyof O]-?: Option<NonNullable<O[K]>> };

/** A row of a table, whatever it is of. */
export type Row = Option<unknown> | AnyGroup;

/** A group of whatever options. */
export type AnyGroup = Omit<Group<object>, "members"> & {
  readonly members: Readonly<Record<string, Option<unknown>>>;
};

/** The rows of one method, by name. */
export type Rows = Readonly<Record<string, Row>>;

/** The default of an option that always has one. `gracePeriod`: the one that it is a share of. */
export function valueOf<T>({ default: usual }: Option<T>, gracePeriod = 0): T {
  return usual.of(gracePeriod) as T;
}

export function isGroup(row: Row): row is AnyGroup {
  return "members" in row;
}
