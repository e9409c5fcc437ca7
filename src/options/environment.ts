/**
 * Options from the environment, for those that set up a deployment and not the program.
 *
 * @module
 */
import { describe, LastcallError } from "../errors.js";
import type { Text } from "./kinds.js";
import type { Given } from "./read.js";
import { isGroup, type AnyGroup, type Row, type Rows } from "./row.js";

/** The variables of a process, as `process.env` has them. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** What the environment says, and which variables do. */
export interface FromEnvironment<O> {
  readonly given: Given<O>;
  readonly variables: readonly string[];
}

/**
 * The variable of an option: `LASTCALL_GRACE_PERIOD` of `gracePeriod`, `LASTCALL_LAME_DUCK_MAX` of `lameDuck.max`. Only
 * numbers, booleans and words of a list have one: names, paths and functions are the program's.
 */
export function variableOf(name: string, row: Row): string | undefined {
  if (textOf(row) === undefined) return undefined;
  const words = name.replaceAll(/[A-Z]/g, (letter) => `_${letter}`).replaceAll(".", "_");
  return `LASTCALL_${words.toUpperCase()}`;
}

function textOf(row: Row): Text<unknown> | undefined {
  return isGroup(row) ? row.text : row.takes.text;
}

/**
 * Reads the variables of all rows. One that is empty is wrong, like any other text that is no value. `wrong`: takes the
 * error for one that is; it counts as not given then.
 * @throws {LastcallError} `ERR_LASTCALL_OPTION` that names the variable, what it got and what it takes.
 */
export function readEnvironment<O extends object>(
  rows: { readonly [K in keyof O]-?: Row },
  environment: Environment,
  wrong: (error: LastcallError) => void = refuse,
): FromEnvironment<O> {
  const variables: string[] = [];
  const read = (row: Row, name: string): unknown => {
    const [variable, text] = [variableOf(name, row), textOf(row)];
    const written = variable && environment[variable];
    if (variable === undefined || text === undefined || written === undefined) return undefined;
    const value = text.parse(written);
    if (value === undefined) wrong(wrongText(text, variable, written));
    else variables.push(variable);
    return value;
  };
  const readGroup = (group: AnyGroup, name: string): unknown => {
    const whole = read(group, name);
    const members = Object.entries(group.members).map(
      ([member, option]) => [member, read(option, `${name}.${member}`)] as const,
    );
    return merge(whole, members);
  };
  const given = Object.entries(rows as Rows).map(([name, row]) => [
    name,
    isGroup(row) ? readGroup(row, name) : read(row, name),
  ]);
  return { given: Object.fromEntries(given) as Given<O>, variables };
}

/** What the program gives, and the environment's for the rest. */
export function preferGiven<O extends object>(given: Given<O>, environment: Given<O>): Given<O> {
  const merged = Object.entries(given).map(([name, own]) => {
    const other: unknown = environment[name as keyof O];
    return [name, own === undefined ? other : preferMembers(own, other)];
  });
  return Object.fromEntries(merged) as Given<O>;
}

/** A group that both give: the environment completes it, and neither turns it off nor replaces a member. */
function preferMembers(own: unknown, other: unknown): unknown {
  if (typeof other !== "object" || other === null) return own;
  if (own === true) return other;
  if (typeof own !== "object" || own === null) return own;
  const present = Object.entries(own).filter(([, value]) => value !== undefined);
  return { ...other, ...Object.fromEntries(present) };
}

/** A group with its members' values, unless it is turned off, which needs no values. */
function merge(whole: unknown, members: readonly (readonly [string, unknown])[]): unknown {
  const present = members.filter(([, value]) => value !== undefined);
  if (whole === false || present.length === 0) return whole;
  const rest = typeof whole === "object" ? whole : {};
  return { ...rest, ...Object.fromEntries(present) };
}

function wrongText({ expected }: Text<unknown>, variable: string, written: string): LastcallError {
  return new LastcallError(
    "ERR_LASTCALL_OPTION",
    `Expected the environment variable \`${variable}\` to be ${expected}, got ${describe(written)}`,
  );
}

function refuse(error: LastcallError): never {
  throw error;
}
