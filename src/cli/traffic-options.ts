import {
  chooseRequests,
  isRequestName,
  parseHeader,
  readTraffic,
  TrafficError,
  type ProveOptions,
  type Traffic,
  type TrafficKind,
} from "../prove/index.js";
import type { Arguments } from "./arguments.js";
import { UsageError } from "./usage.js";

type Mutable<T> = { -readonly [K in keyof T]: T[K] };
type TrafficOptions = Pick<ProveOptions, "requests" | "headers" | "rate" | "spacing">;

const FILES: readonly [string, TrafficKind][] = [
  ["--http", "http"],
  ["--har", "har"],
  ["--openapi", "openapi"],
];

/**
 * Reads what is sent: fields of all requests, files of requests, a rate. Tells what of a file was
 * left out. Throws UsageError.
 */
export async function readTrafficOptions(
  { options }: Arguments,
  requests: TrafficOptions["requests"],
  onNote: (note: string) => unknown,
): Promise<TrafficOptions> {
  const result: Mutable<TrafficOptions> = {};
  const fields = options.get("--header");
  if (fields !== undefined) result.headers = fields.map(readHeader);
  const rate = options.get("--rate")?.[0];
  if (rate !== undefined) result.rate = readRate(rate);
  const spacing = options.get("--spacing")?.[0];
  if (spacing !== undefined) result.spacing = readSpacing(spacing);
  const files = await readFiles(options);
  const named = options.get("--allow") ?? [];
  if (files.length > 0) {
    const allowed = { named: named.map(readName), unsafe: options.has("--allow-unsafe") };
    for (const note of files.flatMap(({ notes }) => notes)) onNote(note);
    result.requests = [...(requests ?? []), ...choose(files, allowed, onNote)];
  } else if (named.length > 0 || options.has("--allow-unsafe")) {
    const option = named.length > 0 ? "--allow" : "--allow-unsafe";
    const others = FILES.map(([name]) => `\`${name}\``).join(", ");
    throw new UsageError(`Expected \`${option}\` with one of ${others}, got none of them`);
  }
  refuseClashes(options, result.requests ?? requests);
  return result;
}

function refuseClashes(options: Arguments["options"], requests: TrafficOptions["requests"]): void {
  if (!options.has("--rate")) {
    if (!options.has("--spacing")) return;
    throw new UsageError("Expected `--spacing` with `--rate`, got it alone");
  }
  if (requests !== undefined || !options.has("--h2")) return;
  throw new UsageError(
    "Expected `--rate` with a `--request`, as it sends HTTP/1.1, got `--h2` alone",
  );
}

async function readFiles(options: Arguments["options"]): Promise<Traffic[]> {
  const named = FILES.flatMap(([name, kind]) => {
    return (options.get(name) ?? []).map((file) => ({ kind, file }));
  });
  try {
    return await Promise.all(named.map(({ kind, file }) => readTraffic(kind, file, process.env)));
  } catch (error) {
    throw error instanceof TrafficError ? new UsageError(error.message) : error;
  }
}

function choose(
  files: readonly Traffic[],
  allowed: { readonly named: readonly string[]; readonly unsafe: boolean },
  onNote: (note: string) => unknown,
): NonNullable<TrafficOptions["requests"]> {
  const { requests, leftOut, unmatched } = chooseRequests(files, allowed);
  const [stray] = unmatched;
  if (stray !== undefined) {
    throw new UsageError(`Expected \`--allow\` to name a request of the files, got \`${stray}\``);
  }
  const hint = "name them with `--allow 'METHOD /path'`, or give `--allow-unsafe`";
  if (requests.length === 0) {
    throw new UsageError(`Expected a safe request, got ${listSome(leftOut)}: ${hint}`);
  }
  if (leftOut.length > 0) onNote(`left out as unsafe: ${listSome(leftOut)} (${hint})`);
  return requests;
}

const SHOWN = 5;

function listSome(names: readonly string[]): string {
  const shown = names.slice(0, SHOWN).join(", ");
  return names.length > SHOWN ? `${shown} and ${String(names.length - SHOWN)} more` : shown;
}

function readName(text: string): string {
  if (isRequestName(text)) return text;
  throw new UsageError(`Expected \`--allow\` to be 'METHOD /path', got \`${text}\``);
}

function readHeader(text: string): readonly [string, string] {
  const header = parseHeader(text);
  if (header !== undefined) return header;
  throw new UsageError(
    `Expected \`--header\` to be 'Name: value', and no field that frames the message, got \`${text}\``,
  );
}

function readRate(text: string): number {
  const rate = /^\d+(?:\.\d+)?$/.test(text) ? Number(text) : Number.NaN;
  if (rate > 0 && rate <= 100_000) return rate;
  throw new UsageError(
    `Expected \`--rate\` to be requests per second, above 0 and up to 100000, got \`${text}\``,
  );
}

function readSpacing(text: string): "poisson" | "even" {
  if (text === "poisson" || text === "even") return text;
  throw new UsageError(`Expected \`--spacing\` to be poisson or even, got \`${text}\``);
}
