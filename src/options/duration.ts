const UNITS = { ms: 1, s: 1_000, m: 60_000 } as const;

/**
 * Reads a duration with its unit, as the command line of `lastcall prove` does: `10ms`, `2.5s`, `1m`. Milliseconds, or
 * undefined for another text. A bare number is none: `25` means seconds to one and milliseconds to another.
 */
export function parseDuration(text: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m)$/.exec(text);
  if (match === null) return undefined;
  return Number(match[1]) * UNITS[match[2] as keyof typeof UNITS];
}
