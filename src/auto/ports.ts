/** Some ports in a row, both ends among them. */
export interface PortRange {
  readonly first: number;
  readonly last: number;
}

/** Reads a list such as `9090,9000-9010`; undefined where it is none. In a file it may be an array of numbers and texts. */
export function parsePorts(list: unknown): readonly PortRange[] | undefined {
  const parts = typeof list === "string" ? list.split(",") : list;
  if (!Array.isArray(parts)) return undefined;
  const ranges = parts.map((part) => parseRange(String(part).trim()));
  return ranges.every((range) => range !== undefined) ? ranges : undefined;
}

function parseRange(text: string): PortRange | undefined {
  const [, start, end = start] = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(text) ?? [];
  if (start === undefined) return undefined;
  const [first, last] = [Number(start), Number(end)];
  return first <= last && last <= 65_535 ? { first, last } : undefined;
}

/** In words, as it was written. */
export function sayPorts(ranges: readonly PortRange[]): string {
  return ranges.map(({ first, last }) => (first === last ? first : `${first}-${last}`)).join(",");
}

/** Whether `listen` with these arguments binds one of the ports. */
export function bindsOneOf(ranges: readonly PortRange[], args: readonly unknown[]): boolean {
  const port = portOf(args[0]);
  return ranges.some(({ first, last }) => port !== undefined && port >= first && port <= last);
}

/** As `server.listen()` understands its first argument; undefined for a path, a handle, or any free port. */
function portOf(where: unknown): number | undefined {
  const given =
    typeof where === "object" && where !== null ? (where as { port?: unknown }).port : where;
  const isNumeric = typeof given === "number" || (typeof given === "string" && /^\d+$/.test(given));
  return isNumeric ? Number(given) : undefined;
}
