import { setTimeout as sleep } from "node:timers/promises";
import { formatDuration } from "../facts/duration.js";
import { CannotRunError } from "../facts/errors.js";
import type { EffectCounts } from "../facts/effects.js";
import type { Started } from "../machine/group.js";
import { isHttpUrl } from "../request/url.js";
import { startShell, type Child } from "./child.js";

/** What is read of a service's records has to arrive in that time, and be no longer than that. */
const LIMIT_MS = 30_000;
const MAX_BYTES = 256 * 1_024 * 1_024;

/** How effects are asked for. */
export interface Asking {
  readonly env: Readonly<NodeJS.ProcessEnv>;
  /** Told what is started: it has to end with the prover. */
  readonly guard: (started: Started) => void;
  /** Ends it. */
  readonly abort: AbortSignal;
  /** Default: 30 s. */
  readonly limitMs?: number;
}

/**
 * Asks how often each request took effect: of a URL, or of a shell command. Rejects with
 * PROVE_EFFECTS_UNKNOWN when nothing was told.
 */
export async function askEffects(asked: string, asking: Asking): Promise<EffectCounts> {
  const { limitMs = LIMIT_MS } = asking;
  return readEffects(await (isHttpUrl(asked) ? ask(asked, limitMs) : run(asked, asking, limitMs)));
}

async function ask(url: string, limitMs: number): Promise<string> {
  try {
    const answer = await fetch(url, { signal: AbortSignal.timeout(limitMs) });
    if (answer.ok) return await answer.text();
    throw new Error(`it answered ${String(answer.status)}`);
  } catch (error) {
    const { name, message, cause } = error as Error;
    const late = `it had not answered after ${formatDuration(limitMs)}`;
    const why = name === "TimeoutError" ? late : cause instanceof Error ? cause.message : message;
    throw unknown(`asking ${url} what took effect failed: ${why}`, error);
  }
}

async function run(text: string, { env, guard, abort }: Asking, limitMs: number): Promise<string> {
  const told: Buffer[] = [];
  let size = 0;
  const onStdout = (chunk: Buffer): void => {
    size += chunk.length;
    if (size <= MAX_BYTES) told.push(chunk);
  };
  const child = await startShell(text, { env, guard, onStdout });
  const end = (): void => void child.close();
  abort.addEventListener("abort", end, { once: true });
  try {
    const how = await findFault(child, limitMs);
    const fault = size > MAX_BYTES ? "told more than 256 MB" : how;
    if (fault === undefined) return Buffer.concat(told).toString();
    const words = await child.describeOutput();
    throw unknown(`\`${text}\`, which should tell what took effect, ${fault}. ${words}`);
  } finally {
    abort.removeEventListener("abort", end);
    await child.close();
  }
}

/** Waits for all that it writes. Says what it did in place of ending well. */
async function findFault(child: Child, limitMs: number): Promise<string | undefined> {
  const whole = Promise.all([child.exit, child.closed]);
  const ended = await Promise.race([whole, sleep(limitMs, undefined, { ref: false })]);
  if (ended === undefined) {
    await child.close();
    return `had not ended after ${formatDuration(limitMs)}`;
  }
  const [{ code, signal }] = ended;
  if (code === 0) return undefined;
  return signal === null ? `exited with code ${String(code)}` : `was ended by ${signal}`;
}

function unknown(text: string, cause?: unknown): CannotRunError {
  return new CannotRunError("PROVE_EFFECTS_UNKNOWN", text, { cause });
}

/**
 * Reads ids: one a line, or JSON: a list of ids, a list of records with an `id`, one record a line, or an
 * object from id to count.
 */
export function readEffects(text: string): EffectCounts {
  const counts = new Map<string, number>();
  const add = (id: string, count: number): void => {
    if (count > 0) counts.set(id, (counts.get(id) ?? 0) + count);
  };
  const whole = /^\s*[[{]/.test(text) ? parse(text) : undefined;
  if (Array.isArray(whole)) for (const each of whole) add(idOf(each), 1);
  else if (isRecord(whole) && typeof whole["id"] !== "string") {
    for (const [id, count] of Object.entries(whole)) add(id, Number(count));
  } else {
    const lines = text.split("\n").map((line) => line.trim());
    for (const line of lines.filter((one) => one !== "")) {
      add(idOf(line.startsWith("{") ? (parse(line) ?? line) : line), 1);
    }
  }
  return counts;
}

function idOf(value: unknown): string {
  return String(isRecord(value) ? value["id"] : value);
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
