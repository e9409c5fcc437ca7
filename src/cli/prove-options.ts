import { constants } from "node:os";
import {
  DEFAULT_CLIENTS,
  parseDuration,
  parsePath,
  parseRequest,
  type ProveOptions,
} from "../prove/index.js";
import type { Arguments } from "./arguments.js";
import { readPointing, refuseClash } from "./pointing.js";
import { suggest } from "./suggest.js";
import { UsageError } from "./usage.js";

type Mutable<T> = { -readonly [K in keyof T]: T[K] };
type Times =
  | "inspectWait"
  | "secondSignal"
  | "rtt"
  | "grace"
  | "lag"
  | "warmup"
  | "think"
  | "startTimeout"
  | "tail";
type Counts = "trials" | "restarts" | "port" | "seed" | "pid";

const TIMES: readonly [string, Times][] = [
  ["--second-signal", "secondSignal"],
  ["--rtt", "rtt"],
  ["--grace", "grace"],
  ["--lag", "lag"],
  ["--inspect-wait", "inspectWait"],
  ["--warmup", "warmup"],
  ["--think", "think"],
  ["--start-timeout", "startTimeout"],
  ["--tail", "tail"],
];

const COUNTS: readonly [string, Counts, number, number][] = [
  ["--trials", "trials", 1, 100_000],
  ["--restarts", "restarts", 0, 100_000],
  ["--port", "port", 1, 65_535],
  ["--pid", "pid", 1, 2 ** 31 - 1],
  ["--seed", "seed", 0, 2 ** 32 - 1],
];

type Requests = "requests" | "slow" | "uploads" | "h2" | "stalled" | "pipelined" | "expecting";

const REQUESTS: readonly [string, Requests][] = [
  ["--request", "requests"],
  ["--slow", "slow"],
  ["--upload", "uploads"],
  ["--h2", "h2"],
  ["--stalled", "stalled"],
  ["--pipeline", "pipelined"],
  ["--expect-continue", "expecting"],
];

/** Their bodies are made by the load, so as to last until after the signal. */
const BODILESS: ReadonlySet<string> = new Set(["--upload", "--expect-continue"]);

const PATHS: readonly [string, "websockets" | "events"][] = [
  ["--websocket", "websockets"],
  ["--events", "events"],
];

/** Turns words into options. Throws UsageError: what, expected, got. */
export function readProveOptions(given: Arguments): ProveOptions {
  const { options } = given;
  const result: Mutable<ProveOptions> = readPointing(given);
  for (const [name, key] of REQUESTS) {
    const texts = options.get(name);
    if (texts !== undefined) result[key] = texts.map((text) => readRequest(name, text));
  }
  for (const [name, key] of PATHS) {
    const texts = options.get(name);
    if (texts !== undefined) result[key] = texts.map((text) => readPath(name, text));
  }
  for (const name of ["readiness", "liveness"] as const) {
    const text = options.get(`--${name}`)?.[0];
    if (text !== undefined) result[name] = readPath(`--${name}`, text);
  }
  if (options.has("--tls")) result.tls = true;
  if (options.has("--inspect")) result.inspect = true;
  for (const [name, key] of TIMES) {
    const text = options.get(name)?.[0];
    if (text !== undefined) result[key] = readTime(name, text);
  }
  for (const [name, key, least, most] of COUNTS) {
    const text = options.get(name)?.[0];
    if (text !== undefined) result[key] = readCount(name, text, least, most);
  }
  const signal = options.get("--signal")?.[0];
  if (signal !== undefined) result.signal = readSignal(signal);
  const clients = options.get("--clients")?.[0];
  if (clients !== undefined) result.clients = readClients(clients);
  refuseClash(result);
  return result;
}

function readRequest(name: string, text: string): string {
  const request = parseRequest(text);
  const isBodiless = BODILESS.has(name);
  if (request !== undefined && (request.body === "" || !isBodiless)) return text;
  const form = isBodiless ? "METHOD /path" : "METHOD /path [body]";
  throw new UsageError(`Expected \`${name}\` to be '${form}', got \`${text}\``);
}

function readPath(name: string, text: string): string {
  if (parsePath(text) !== undefined) return text;
  throw new UsageError(`Expected \`${name}\` to be a path such as /live, got \`${text}\``);
}

function readTime(name: string, text: string): number {
  const ms = parseDuration(text);
  if (ms !== undefined) return ms;
  const hint = /^\d+(\.\d+)?$/.test(text)
    ? `: a unit is missing, as in \`${text}ms\` or \`${text}s\``
    : "";
  throw new UsageError(
    `Expected \`${name}\` to be a time such as 25s or 10ms, got \`${text}\`${hint}`,
  );
}

function readCount(name: string, text: string, least: number, most: number): number {
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (value >= least && value <= most) return value;
  const range = `from ${String(least)} to ${String(most)}`;
  throw new UsageError(`Expected \`${name}\` to be a whole number ${range}, got \`${text}\``);
}

function readSignal(text: string): NodeJS.Signals {
  const known = Object.keys(constants.signals) as NodeJS.Signals[];
  const name = known.find(
    (signal) => signal === text.toUpperCase() || signal === `SIG${text.toUpperCase()}`,
  );
  if (name !== undefined) return name;
  const near = suggest(text, known);
  const hint = near === undefined ? "" : `: did you mean \`${near}\`?`;
  throw new UsageError(
    `Expected \`--signal\` to be a signal such as SIGTERM, got \`${text}\`${hint}`,
  );
}

function readClients(text: string): Record<string, number> {
  const pairs = text.split(",").map((pair): [string, number] => {
    const [kind = "", count = ""] = pair.split("=");
    if (!Object.hasOwn(DEFAULT_CLIENTS, kind)) {
      const kinds = Object.keys(DEFAULT_CLIENTS).join(", ");
      throw new UsageError(`Expected \`--clients\` to name ${kinds}, got \`${kind}\``);
    }
    return [kind, readCount(`--clients ${kind}`, count, 0, 1_000)];
  });
  return Object.fromEntries(pairs);
}
