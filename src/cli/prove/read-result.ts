import { readFileSync } from "node:fs";
import type { ProveResult } from "../../prove/index.js";
import type { WithoutResult } from "../../prove/render/comparison.js";
import { UsageError } from "../usage.js";

const VERSION = 1;

type Check = readonly [isRight: (value: unknown) => boolean, expected: string];

const isString = (value: unknown): boolean => typeof value === "string";
const isNumber = (value: unknown): boolean => typeof value === "number";
const isObject = (value: unknown): boolean =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const oneOf = (...words: string[]): Check => [
  (value) => words.some((word) => word === value),
  words.join(", ").replace(/, ([^,]+)$/, " or $1"),
];

const TEXT: Check = [isString, "a text"];
const COUNT: Check = [(value) => Number.isInteger(value) && Number(value) >= 0, "a count"];
const TIME_OR_NULL: Check = [
  (value) => value === null || isNumber(value),
  "a time in milliseconds or null",
];
const OBJECT: Check = [isObject, "an object"];
const LIST: Check = [Array.isArray, "a list"];
const INSPECTION: Check = [
  (value) => value === null || (isObject(value) && Array.isArray((value as Faulty).faults)),
  "an object with the list `faults`, or null",
];

interface Faulty {
  readonly faults?: unknown;
}

const WITHOUT_RESULT: readonly (readonly [path: string, check: Check])[] = [
  ["error", OBJECT],
  ["error.message", TEXT],
];

/** All that a comparison reads, what holds others before them; `[]` stands for each of a list or an object. */
const FIELDS: readonly (readonly [path: string, check: Check])[] = [
  ["verdict", oneOf("pass", "fail", "could-not-run")],
  ["command", LIST],
  ["command[]", TEXT],
  ["asked", LIST],
  ["asked[]", OBJECT],
  ["asked[].option", TEXT],
  ["asked[].values", LIST],
  ["asked[].values[]", TEXT],
  ["requests", OBJECT],
  ["requests.ok", COUNT],
  ["requests.refused", COUNT],
  ["requests.dropped", COUNT],
  ["findings", LIST],
  ["findings[]", OBJECT],
  ["findings[].id", TEXT],
  ["findings[].severity", oneOf("error", "warning")],
  ["findings[].what", TEXT],
  ["inspection", INSPECTION],
  ["trials", LIST],
  ["trials[]", OBJECT],
  ["trials[].faults", LIST],
  ["trials[].faults[]", TEXT],
  ["trials[].stops", LIST],
  ["trials[].stops[]", OBJECT],
  ["trials[].stops[].exit", OBJECT],
  ["trials[].stops[].exit.afterSignalMs", TIME_OR_NULL],
];

/** Reads what `--json` printed, as far as a comparison needs it. Throws UsageError: the file, and what is wrong. */
export function readResult(file: string): ProveResult | WithoutResult {
  const result = parse(file);
  const { version, verdict, trials } = result;
  if (version !== VERSION) {
    const got = version === undefined ? "none" : JSON.stringify(version);
    throw new UsageError(
      `Expected \`${file}\` to be a result of version ${String(VERSION)}, as \`--json\` prints it, got version ${got}`,
    );
  }
  const isWithout = verdict === "could-not-run" && trials === undefined;
  for (const [path, check] of isWithout ? WITHOUT_RESULT : FIELDS) {
    const fault = findFault(result, path, check);
    if (fault === undefined) continue;
    throw new UsageError(`Expected \`${file}\` to be a result, as \`--json\` prints it: ${fault}`);
  }
  return result as unknown as ProveResult | WithoutResult;
}

function parse(file: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(readFileSync(file, "utf8"));
    if (isObject(value)) return value as Readonly<Record<string, unknown>>;
    throw new TypeError("it is no object");
  } catch (error) {
    const { message } = error as Error;
    throw new UsageError(
      `Expected \`${file}\` to be a result, as \`--json\` prints it: ${message}`,
    );
  }
}

/** The first of the values at a path that is not what it has to be; those that hold it have been checked. */
function findFault(result: object, path: string, [isRight, expected]: Check): string | undefined {
  const wrong = collect(result, path).find(([, value]) => !isRight(value));
  if (wrong === undefined) return undefined;
  const [name, value] = wrong;
  const got = value === undefined ? "nothing" : `\`${shorten(JSON.stringify(value))}\``;
  return `\`${name}\` has to be ${expected}, got ${got}`;
}

/** What stands at a path, each with its name: `trials[0].stops`. */
function collect(result: object, path: string): [name: string, value: unknown][] {
  let found: [string, unknown][] = [["", result]];
  for (const step of path.split(".")) {
    const key = step.replace("[]", "");
    found = found.map(([name, value]) => [
      name === "" ? key : `${name}.${key}`,
      (value as Readonly<Record<string, unknown>>)[key],
    ]);
    if (key === step) continue;
    found = found.flatMap(([name, value]) =>
      Object.entries(value as object).map(([at, one]): [string, unknown] => [
        Array.isArray(value) ? `${name}[${at}]` : `${name}.${at}`,
        one,
      ]),
    );
  }
  return found;
}

const LONGEST = 40;

function shorten(text: string): string {
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
}
