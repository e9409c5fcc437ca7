const UNITS = { ms: 1, s: 1_000, m: 60_000 } as const;

/**
 * Reads a duration with its unit: `10ms`, `2.5s`, `1m`. Returns milliseconds, or undefined when
 * the text is not one. A bare number is not: `--grace 30` means seconds to one and ms to another.
 */
export function parseDuration(text: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m)$/.exec(text);
  if (match === null) return undefined;
  return Number(match[1]) * UNITS[match[2] as keyof typeof UNITS];
}

/** Writes milliseconds for people: `4 ms`, `0.25 s`, `6.1 s`, `30 s`. */
export function formatDuration(ms: number): string {
  if (Math.abs(ms) < 100) return `${String(Math.round(ms))} ms`;
  const digits = Math.abs(ms) < 1_000 ? 2 : 1;
  return `${String(Number((ms / 1_000).toFixed(digits)))} s`;
}

/** Writes milliseconds for the command line, so that `parseDuration` reads the same again: `4ms`, `250ms`, `1.5s`. */
export function writeDuration(ms: number): string {
  return ms >= 1_000 && ms % 100 === 0 ? `${String(ms / 1_000)}s` : `${String(ms)}ms`;
}
