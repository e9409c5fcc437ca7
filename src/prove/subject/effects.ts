import { execFile } from "node:child_process";
import { CannotRunError } from "../facts/errors.js";
import type { EffectCounts } from "../facts/effects.js";

/** What is read of a service's records has to arrive in that time, and be no longer than that. */
const LIMIT_MS = 30_000;
const MAX_BYTES = 256 * 1_024 * 1_024;

/**
 * Asks how often each request took effect: of a URL, or of a shell command. Rejects with
 * PROVE_EFFECTS_UNKNOWN when nothing was told.
 */
export async function askEffects(
  asked: string,
  env: Readonly<NodeJS.ProcessEnv>,
): Promise<EffectCounts> {
  return readEffects(await (/^https?:\/\//.test(asked) ? ask(asked) : run(asked, env)));
}

async function ask(url: string): Promise<string> {
  try {
    const answer = await fetch(url, { signal: AbortSignal.timeout(LIMIT_MS) });
    if (answer.ok) return await answer.text();
    throw new Error(`it answered ${String(answer.status)}`);
  } catch (error) {
    const { message, cause } = error as Error;
    const why = cause instanceof Error ? cause.message : message;
    throw unknown(`asking ${url} what took effect failed: ${why}`, error);
  }
}

function run(text: string, env: Readonly<NodeJS.ProcessEnv>): Promise<string> {
  const limits = { maxBuffer: MAX_BYTES, timeout: LIMIT_MS, killSignal: "SIGKILL" as const };
  return new Promise((resolve, reject) => {
    execFile("sh", ["-c", text], { env, ...limits }, (error, stdout, stderr) => {
      if (error === null) resolve(stdout);
      else {
        const words = stderr.trim() === "" ? error.message : stderr.trim();
        reject(unknown(`\`${text}\`, which should tell what took effect, failed: ${words}`, error));
      }
    });
  });
}

function unknown(text: string, cause: unknown): CannotRunError {
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
