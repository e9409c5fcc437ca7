import { describe, LastcallError } from "../errors.js";
import type { Fault } from "./kinds.js";
import { isGroup, type AnyGroup, type Row, type Rows } from "./row.js";

/** What a caller has given of the options `O`, checked. */
export type Given<O> = { readonly [K in keyof O]?: O[K] | undefined };

/**
 * Checks a caller's options against the rows of their table.
 * @throws {LastcallError} `ERR_LASTCALL_OPTION` for the first one that is wrong or unknown.
 */
export function readGiven<O extends object>(
  rows: { readonly [K in keyof O]-?: Row },
  source: unknown,
): Given<O> {
  return readMembers(rows, source, { prefix: "", expected: "an object" });
}

interface Place {
  /** What stands before the names of the members: `probes.`. */
  readonly prefix: string;
  /** What the whole may be. */
  readonly expected: string;
}

function readMembers(rows: Rows, source: unknown, { prefix, expected }: Place): object {
  if (typeof source !== "object" || source === null || Array.isArray(source)) {
    throw refuse(prefix.slice(0, -1) || "options", { expected, got: source });
  }
  const entries = Object.entries(source);
  const given = new Map<string, unknown>(entries);
  const values = Object.entries(rows).map(([name, row]) => [
    name,
    readRow(row, given.get(name), `${prefix}${name}`),
  ]);
  const unknown = entries.find(([name]) => !Object.hasOwn(rows, name));
  if (unknown !== undefined) {
    const known = Object.keys(rows).map((name) => `\`${prefix}${name}\``);
    throw new LastcallError(
      "ERR_LASTCALL_OPTION",
      `Unknown option \`${prefix}${unknown[0]}\`. Known: ${known.join(", ")}`,
    );
  }
  return Object.fromEntries(values) as object;
}

function readRow(row: Row, value: unknown, name: string): unknown {
  if (value === undefined) return undefined;
  if (isGroup(row)) return readGroup(row, value, name);
  const fault = row.takes.fault(value);
  if (fault !== undefined) throw refuse(name, fault);
  return value;
}

function readGroup({ members, alone, type }: AnyGroup, value: unknown, name: string): unknown {
  if (alone.some((each) => each === value)) return value;
  const expected = type.replaceAll("`", "").replace(/^boolean/, "a boolean");
  return readMembers(members, value, { prefix: `${name}.`, expected });
}

/** The error for a value that is wrong. */
export function refuse(name: string, { expected, got, part }: Fault): LastcallError {
  const whole = part === undefined ? name : `${name}.${part}`;
  return new LastcallError(
    "ERR_LASTCALL_OPTION",
    `Expected \`${whole}\` to be ${expected}, got ${describe(got)}`,
  );
}
