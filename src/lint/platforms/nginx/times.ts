const UNITS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

/** `1m 30s` or `75` in milliseconds; undefined for what is no time. */
export function parseNginxTime(text: string): number | undefined {
  if (/^\d+$/.test(text)) return Number(text) * 1_000;
  if (!/^(?:\d+(?:ms|[smhd])\s*)+$/.test(text)) return undefined;
  return [...text.matchAll(/(\d+)(ms|[smhd])/g)].reduce(
    (sum, [, number, unit = "s"]) => sum + Number(number) * (UNITS[unit] ?? 0),
    0,
  );
}
