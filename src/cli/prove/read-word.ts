import { readFileSync } from "node:fs";
import { constants } from "node:os";
import { parseDuration } from "../../prove/facts/duration.js";
import { DEFAULT_CLIENTS } from "../../prove/options/resolve.js";
import type { Kind, OptionRow } from "../../prove/options/table.js";
import { parseStatuses } from "../../prove/request/expectation.js";
import { isFieldName, parseHeader } from "../../prove/request/header.js";
import { parsePath, parseRequest } from "../../prove/request/request.js";
import { suggest } from "../suggest.js";
import { UsageError } from "../usage.js";

/** Reads one word that was given for an option. Throws UsageError: what, expected, got. */
type Read = (name: string, text: string, row: OptionRow) => unknown;

/** Of the others a program alone can give a value. */
const READERS: Partial<Readonly<Record<Kind, Read>>> = {
  flag: () => true,
  text: (name, text) => {
    if (text !== "") return text;
    throw new UsageError(`Expected a value after \`${name}\`, got nothing`);
  },
  time: readTime,
  count: (name, text, { range: [least, most] = [0, Number.MAX_SAFE_INTEGER] }) =>
    readCount(name, text, least, most),
  template: readRequest,
  request: readRequest,
  "bodiless request": readBodilessRequest,
  path: (name, text) => keepIf(parsePath(text), name, "a path such as /live", text),
  file: readAuthorities,
  files: (_name, text) => text,
  route: (_name, text) => text,
  header: (name, text) =>
    parseHeader(text) ?? refuse(name, "'Name: value', and no field that frames the message", text),
  "field name": (name, text) =>
    isFieldName(text) ? text : refuse(name, "the name of a field such as X-Pod", text),
  statuses: (name, text) => keepIf(parseStatuses(text), name, "statuses such as 2xx,404", text),
  rate: readRate,
  spacing: (name, text) =>
    text === "poisson" || text === "even" ? text : refuse(name, "poisson or even", text),
  signal: readSignal,
  clients: readClients,
};

/** The value of an option, from all the words that were given for it. Throws UsageError. */
export function readWords(name: string, texts: readonly string[], row: OptionRow): unknown {
  const read = READERS[row.kind];
  if (read === undefined) return undefined;
  const values = texts.map((text) => read(name, text, row));
  return row.isRepeatable === true ? values : values[0];
}

function refuse(name: string, expected: string, text: string, hint = ""): never {
  throw new UsageError(`Expected \`${name}\` to be ${expected}, got \`${text}\`${hint}`);
}

function keepIf(read: unknown, name: string, expected: string, text: string): string {
  return read === undefined ? refuse(name, expected, text) : text;
}

function readRequest(name: string, text: string): string {
  return keepIf(parseRequest(text), name, "'METHOD /path [body]'", text);
}

/** Its body is made by the load, so as to last until after the signal. */
function readBodilessRequest(name: string, text: string): string {
  const isBodiless = parseRequest(text)?.body === "";
  return isBodiless ? text : refuse(name, "'METHOD /path'", text);
}

function readTime(name: string, text: string): number {
  const isBare = /^\d+(\.\d+)?$/.test(text);
  const hint = isBare ? `: a unit is missing, as in \`${text}ms\` or \`${text}s\`` : "";
  return parseDuration(text) ?? refuse(name, "a time such as 25s or 10ms", text, hint);
}

function readCount(name: string, text: string, least: number, most: number): number {
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (value >= least && value <= most) return value;
  return refuse(name, `a whole number from ${String(least)} to ${String(most)}`, text);
}

function readRate(name: string, text: string): number {
  const rate = /^\d+(?:\.\d+)?$/.test(text) ? Number(text) : Number.NaN;
  if (rate > 0 && rate <= 100_000) return rate;
  return refuse(name, "requests per second, above 0 and up to 100000", text);
}

function readSignal(name: string, text: string): string {
  const known = Object.keys(constants.signals);
  const word = text.toUpperCase();
  const signal = known.find((one) => one === word || one === `SIG${word}`);
  if (signal !== undefined) return signal;
  const near = suggest(text, known);
  const hint = near === undefined ? "" : `: did you mean \`${near}\`?`;
  return refuse(name, "a signal such as SIGTERM", text, hint);
}

function readClients(name: string, text: string): Record<string, number> {
  const pairs = text.split(",").map((pair): [string, number] => {
    const [kind = "", count = ""] = pair.split("=");
    if (!Object.hasOwn(DEFAULT_CLIENTS, kind)) {
      const kinds = Object.keys(DEFAULT_CLIENTS).join(", ");
      throw new UsageError(`Expected \`${name}\` to name ${kinds}, got \`${kind}\``);
    }
    return [kind, readCount(`${name} ${kind}`, count, 0, 1_000)];
  });
  return Object.fromEntries(pairs);
}

function readAuthorities(name: string, file: string): string {
  const pem = readText(name, file);
  if (pem.includes("-----BEGIN CERTIFICATE-----")) return pem;
  return refuse(name, "a file of certificates in PEM", file, ", which has none");
}

function readText(name: string, file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return refuse(name, "a file that can be read", file, ` (${String(code)})`);
  }
}
