/**
 * The kinds of values that options take.
 *
 * @module
 */
import { constants } from "node:os";

import { parseDuration } from "./duration.js";

/** What values are right, and how that is said. */
export interface Kind<T> {
  /** As the page of options has it: `ms, 1 and up`. */
  readonly type: string;
  /** What is wrong with a value that a program has given, undefined where nothing is. */
  readonly fault: (value: unknown) => Fault | undefined;
  /** How it is written in an environment variable; undefined for what cannot come from there. */
  readonly text?: Text<T>;
}

/** Why a value is refused. */
export interface Fault {
  /** What it should have been: `a boolean`. */
  readonly expected: string;
  /** The value, or the part of it that is wrong. */
  readonly got: unknown;
  /** The part's name, where it has one. */
  readonly part?: string;
}

/** Values that are written as text. */
export interface Text<T> {
  readonly expected: string;
  /** Undefined for a text that is no right value. */
  readonly parse: (text: string) => T | undefined;
}

/** Node's own timers hold no more, and no platform's grace period does. */
const LONGEST = 2 ** 31 - 1;

/** A number of milliseconds. Of some that elsewhere mean never, 0 is refused: here it would mean at once. */
export function time(least = 0): Kind<number> {
  const expected = `a number of milliseconds from ${least} to ${LONGEST}`;
  return {
    type: least === 0 ? "ms" : `ms, ${least} and up`,
    fault: (value) => (isTime(value, least) ? undefined : { expected, got: value }),
    text: duration(least),
  };
}

/** A whole number. */
export function count(least: number, most: number): Kind<number> {
  const expected = `a whole number from ${least} to ${most}`;
  const isRight = (value: unknown): value is number =>
    Number.isInteger(value) && Number(value) >= least && Number(value) <= most;
  return {
    type: `${least} to ${most}`,
    fault: (value) => (isRight(value) ? undefined : { expected, got: value }),
    text: {
      expected,
      parse: (text) => (/^\d+$/.test(text) && isRight(Number(text)) ? Number(text) : undefined),
    },
  };
}

/** A number of milliseconds, or `false` for none. */
export function timeOrFalse(least: number): Kind<number | false> {
  const expected = `a number of milliseconds from ${least} to ${LONGEST}, or false`;
  return {
    type: `ms, ${least} and up, or \`false\``,
    fault: (value) =>
      value === false || isTime(value, least) ? undefined : { expected, got: value },
    text: durationOrFalse(least),
  };
}

function duration(least: number): Text<number> {
  return {
    expected: `a duration with its unit, such as \`500ms\`, \`25s\` or \`1m\`, from ${least}ms to ${LONGEST}ms`,
    parse: (text) => {
      const ms = parseDuration(text);
      return isTime(ms, least) ? ms : undefined;
    },
  };
}

/** A duration as a variable has it, or `false`. */
export function durationOrFalse(least: number): Text<number | false> {
  const { expected, parse } = duration(least);
  return {
    expected: `${expected}, or \`false\``,
    parse: (text) => (text === "false" ? false : parse(text)),
  };
}

function isTime(value: unknown, least: number): value is number {
  return typeof value === "number" && value >= least && value <= LONGEST;
}

/** A boolean as a variable has it. */
export const FLAG_TEXT: Text<boolean> = {
  expected: "`true` or `false`",
  parse: (text) => (text === "true" ? true : text === "false" ? false : undefined),
};

export const FLAG: Kind<boolean> = {
  type: "boolean",
  fault: (value) =>
    typeof value === "boolean" ? undefined : { expected: "a boolean", got: value },
  text: FLAG_TEXT,
};

export const PORT: Kind<number> = {
  type: "port",
  fault: (value) =>
    isPort(value) ? undefined : { expected: "a port from 0 to 65535", got: value },
  text: {
    expected: "a port from 0 to 65535",
    parse: (text) => (/^\d+$/.test(text) && isPort(Number(text)) ? Number(text) : undefined),
  },
};

function isPort(value: unknown): boolean {
  return Number.isInteger(value) && Number(value) >= 0 && Number(value) <= 65_535;
}

/** One of some words. */
export function oneOf<V extends string>(...values: readonly V[]): Kind<V> {
  const expected = either(values.map((each) => JSON.stringify(each)));
  return {
    type: either(values.map((each) => `\`"${each}"\``)),
    fault: (value) => (values.includes(value as V) ? undefined : { expected, got: value }),
    text: {
      expected: either(values.map((each) => `\`${each}\``)),
      parse: (text) => values.find((each) => each === text),
    },
  };
}

function either(words: readonly string[]): string {
  return `${words.slice(0, -1).join(", ")} or ${words.at(-1)}`;
}

/** A string that is not empty, called by what it means. */
export function text(type = "string"): Kind<string> {
  return {
    type,
    fault: (value) =>
      typeof value === "string" && value !== ""
        ? undefined
        : { expected: "a string that is not empty", got: value },
  };
}

/** The path of a file; one that has to be given. */
export const FILE: Kind<string> = {
  type: "path",
  fault: (value) =>
    typeof value === "string" && value !== "" ? undefined : { expected: "a path", got: value },
};

/** The path of a URL. */
export const URL_PATH: Kind<string> = {
  type: "path",
  fault: (value) =>
    text().fault(value) ??
    (String(value).startsWith("/")
      ? undefined
      : { expected: "a path that starts with `/`", got: value }),
};

export const NAMES: Kind<readonly string[]> = {
  type: "names",
  fault: (value) =>
    Array.isArray(value) && value.every((item) => typeof item === "string")
      ? undefined
      : { expected: "an array of names", got: value },
};

/** A function, of any type: what it is given is for the option to say. */
export function callback<F>(): Kind<F> {
  return {
    type: "function",
    fault: (value) =>
      typeof value === "function" ? undefined : { expected: "a function", got: value },
  };
}

/** An object whose members are all functions, by name. */
export function callbacks<F>(): Kind<Readonly<Record<string, F>>> {
  return {
    type: "an object of functions",
    fault: (value) => {
      const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
      if (!isObject) return { expected: "an object of functions", got: value };
      const wrong = Object.entries(value).find(([, each]) => typeof each !== "function");
      return wrong && { expected: "a function", got: wrong[1], part: wrong[0] };
    },
  };
}

/** The name of a signal that a process can listen for, and that is not taken for the drain. */
export const OTHER_SIGNAL: Kind<NodeJS.Signals> = {
  type: "name of a signal",
  fault: (value) => (isCatchable(value) ? undefined : takenSignal(value)),
};

/** Why a signal is refused that starts the drain, or that no process can listen for. */
export function takenSignal(got: unknown): Fault {
  return { expected: "the name of a signal that does not start the drain", got };
}

/** Several of them, or `false` for none. */
export const SIGNALS: Kind<false | readonly NodeJS.Signals[]> = {
  type: "`false` or names",
  fault: (value) => {
    if (value === false) return undefined;
    if (!Array.isArray(value)) {
      return { expected: 'false or an array of signal names such as "SIGTERM"', got: value };
    }
    const wrong = value.findIndex((name) => !isCatchable(name));
    if (wrong === -1) return undefined;
    return { expected: "names of signals to listen for", got: value[wrong] as unknown };
  },
};

/** Whether a process can listen for it; Node throws an error of its own for these two. */
function isCatchable(name: unknown): boolean {
  return (
    typeof name === "string" &&
    Object.hasOwn(constants.signals, name) &&
    name !== "SIGKILL" &&
    name !== "SIGSTOP"
  );
}

/** Where a report goes. */
export function destination<F>(): Kind<"stderr" | false | F> {
  return {
    type: "where, or a function",
    fault: (value) =>
      value === "stderr" || value === false || typeof value === "function"
        ? undefined
        : { expected: '"stderr", false or a function', got: value },
    text: {
      expected: "`stderr` or `false`",
      parse: (text) => (text === "stderr" ? text : text === "false" ? false : undefined),
    },
  };
}

/** What only the method can judge that is given it. */
export function anything<T>(type: string): Kind<T> {
  return { type, fault: () => undefined };
}
