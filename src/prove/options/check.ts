import { constants } from "node:os";
import { refuse } from "../facts/errors.js";
import type { ProveOptions } from "./options.js";
import { OPTIONS, type Kind, type OptionRow } from "./table.js";

/** What a value has to be, in words, and whether it is. */
type Wanted = readonly [expected: string, is: (value: unknown) => boolean];

const isText = (value: unknown): boolean => typeof value === "string" && value !== "";
const isList = (value: unknown, is: (each: unknown) => boolean): boolean =>
  Array.isArray(value) && value.every((each) => is(each));
const isRecord = (value: unknown): boolean =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const text: Wanted = ["a string that is not empty", isText];
const texts: Wanted = ["a list of strings", (value) => isList(value, isText)];
const record: Wanted = ["an object", isRecord];

const WANTED: Readonly<Record<Exclude<Kind, "count">, Wanted>> = {
  flag: ["true or false", (value) => typeof value === "boolean"],
  text,
  words: texts,
  time: [
    "a number of milliseconds from 0 up",
    (value) => Number.isFinite(value) && Number(value) >= 0,
  ],
  template: [
    "a list of requests such as `GET /`",
    (value) => isList(value, (each) => isText(each) || isRecord(each)),
  ],
  request: texts,
  "bodiless request": texts,
  path: text,
  file: text,
  files: texts,
  route: texts,
  header: [
    'a list of names and values: `[["X-Tenant", "7"]]`',
    (value) => isList(value, (each) => isList(each, (part) => typeof part === "string")),
  ],
  "field name": text,
  statuses: text,
  rate: ["a number", (value) => typeof value === "number"],
  spacing: ["`poisson` or `even`", (value) => value === "poisson" || value === "even"],
  signal: [
    "the name of a signal, such as `SIGTERM`",
    (value) => typeof value === "string" && Object.hasOwn(constants.signals, value),
  ],
  clients: record,
  environment: record,
  function: ["a function", (value) => typeof value === "function"],
  "abort signal": [
    "an AbortSignal",
    // By shape: one of another realm, such as a test runner's, is no instance of ours.
    (value) => isRecord(value) && typeof (value as AbortSignal).aborted === "boolean",
  ],
};

function wantedOf({ kind, isRepeatable, range = [0, Number.MAX_SAFE_INTEGER] }: OptionRow): Wanted {
  if (kind === "path" && isRepeatable === true) return texts;
  if (kind !== "count") return WANTED[kind];
  const [least, most] = range;
  return [
    `a whole number from ${String(least)} to ${String(most)}`,
    (value) => Number.isInteger(value) && Number(value) >= least && Number(value) <= most,
  ];
}

/** Throws PROVE_BAD_OPTION for an option that does not exist, or is of another kind. */
export function checkOptions(options: ProveOptions): void {
  if (!isRecord(options)) refuse("options", "an object", options);
  for (const [name, value] of Object.entries(options)) {
    if (!Object.hasOwn(OPTIONS, name)) refuse(name, "an option of prove()", value);
    const [expected, is] = wantedOf(OPTIONS[name as keyof ProveOptions]);
    if (value !== undefined && !is(value)) refuse(name, expected, value);
  }
}
