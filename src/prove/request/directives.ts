import { parseBodyCheck, parseStatuses, type Expectation } from "./expectation.js";
import { parseHeader, type Header } from "./header.js";

/** What can be said of a request beside its bytes. */
export interface Directives {
  readonly headers: readonly Header[];
  readonly weight: number;
  readonly expect: Expectation | undefined;
}

export const NO_DIRECTIVES: Directives = { headers: [], weight: 1, expect: undefined };

const MAX_WEIGHT = 10_000;

type Reader = (value: string, before: Directives) => Directives | undefined;

const READERS: Readonly<Record<string, { readonly form: string; readonly read: Reader }>> = {
  "@weight": { form: `a whole number from 1 to ${String(MAX_WEIGHT)}`, read: readWeight },
  "@expect": { form: "a status such as 201, 2xx or 200,404", read: readStatuses },
  "@expect-body": { form: 'text such as "ok", or a pattern such as /o./', read: readBody },
  "@header": { form: "a field such as Accept: text/html", read: readHeader },
};

export const DIRECTIVES: readonly string[] = Object.keys(READERS);

/** Takes one directive. Throws an Error, one sentence, for a value that is not its own. */
export function takeDirective(name: string, value: string, before: Directives): Directives {
  const reader = READERS[name];
  if (reader === undefined)
    throw new Error(`Expected one of ${DIRECTIVES.join(", ")}, got \`${name}\``);
  const after = reader.read(value, before);
  if (after === undefined)
    throw new Error(`Expected ${name} to be ${reader.form}, got \`${value}\``);
  return after;
}

// A value in quotes, a pattern between slashes, or a word.
const LEADING = /^(@[a-z-]+)\s+("(?:[^"\\]|\\.)*"|\/(?:[^/\\]|\\.)+\/[a-z]*|[^\s"/]\S*)\s+/u;

/** Reads the directives in front of a request on the command line, and returns what follows them. */
export function takeLeadingDirectives(text: string): { directives: Directives; rest: string } {
  let directives = NO_DIRECTIVES;
  let rest = text;
  while (rest.startsWith("@")) {
    const match = LEADING.exec(rest);
    if (match === null) throw new Error(`Expected a directive and its value, got \`${rest}\``);
    const [whole, name = "", value = ""] = match;
    const isQuotedField = name === "@header" && value.startsWith('"');
    directives = takeDirective(name, isQuotedField ? String(JSON.parse(value)) : value, directives);
    rest = rest.slice(whole.length);
  }
  return { directives, rest };
}

function readWeight(value: string, before: Directives): Directives | undefined {
  const weight = /^\d{1,5}$/u.test(value) ? Number(value) : 0;
  return weight < 1 || weight > MAX_WEIGHT ? undefined : { ...before, weight };
}

function readStatuses(value: string, before: Directives): Directives | undefined {
  const statuses = parseStatuses(value);
  return statuses === undefined ? undefined : { ...before, expect: { ...before.expect, statuses } };
}

function readBody(value: string, before: Directives): Directives | undefined {
  const body = parseBodyCheck(value);
  return body === undefined ? undefined : { ...before, expect: { ...before.expect, body } };
}

function readHeader(value: string, before: Directives): Directives | undefined {
  const header = parseHeader(value);
  return header === undefined ? undefined : { ...before, headers: [...before.headers, header] };
}
