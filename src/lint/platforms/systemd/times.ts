// As systemd.time(7) has them.
const UNITS: ReadonlyMap<string, number> = new Map([
  ...["usec", "us", "µs", "μs"].map((unit) => [unit, 0.001] as const),
  ...["msec", "ms"].map((unit) => [unit, 1] as const),
  ...["seconds", "second", "sec", "s"].map((unit) => [unit, 1_000] as const),
  ...["minutes", "minute", "min", "m"].map((unit) => [unit, 60_000] as const),
  ...["hours", "hour", "hr", "h"].map((unit) => [unit, 3_600_000] as const),
  ...["days", "day", "d"].map((unit) => [unit, 86_400_000] as const),
  ...["weeks", "week", "w"].map((unit) => [unit, 604_800_000] as const),
]);

/** `1min 30s`, `90` in milliseconds; undefined for `infinity`, and for what is no time. */
export function parseSystemdTime(text: string): number | undefined {
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)\s*([a-zµμ]*)\s*/giy)];
  const length = parts.reduce((sum, [part]) => sum + part.length, 0);
  if (length === 0 || length < text.length) return undefined;
  const times = parts.map(
    ([, number, unit = ""]) => Number(number) * (unit === "" ? 1_000 : (UNITS.get(unit) ?? NaN)),
  );
  const sum = times.reduce((all, time) => all + time, 0);
  return Number.isNaN(sum) ? undefined : sum;
}
