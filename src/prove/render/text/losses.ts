import { formatCount } from "../../facts/count.js";
import { formatDuration } from "../../facts/duration.js";
import type { Loss } from "../../facts/result.js";
import { describeSeen } from "../seen.js";
import { wrap } from "../../../findings/wrap.js";

interface Row {
  readonly seen: string;
  readonly count: string;
  readonly first: string;
  readonly clients: string;
}

/**
 * What the clients saw, which clients they were, and when it began: side by side, or where that is
 * too wide one under the other. `origin` is what the instants count from.
 */
export function renderLosses(
  losses: readonly Loss[],
  origin: string,
  width: number | undefined,
): string {
  const rows = groupLosses(losses, origin);
  const beside = renderBeside(rows);
  const isNarrow = width !== undefined && beside.some((line) => line.length > width);
  return (isNarrow ? rows.map((row) => renderBelow(row, width)) : beside).join("\n");
}

function groupLosses(losses: readonly Loss[], origin: string): Row[] {
  const groups = new Map<string, Loss[]>();
  for (const loss of losses) {
    const seen = describeSeen(loss.outcome, loss.kind) ?? loss.kind;
    groups.set(seen, [...(groups.get(seen) ?? []), loss]);
  }
  return [...groups].map(([seen, group]) => {
    const count = group.reduce((sum, loss) => sum + loss.count, 0);
    const first = Math.min(...group.map(({ firstMs }) => firstMs));
    const clients = group.map(({ client, count: n }) => `${client} ${formatCount(n)}`).join(", ");
    return { seen, count: formatCount(count), first: describeFirst(first, origin), clients };
  });
}

function renderBeside(rows: readonly Row[]): string[] {
  const width = (key: keyof Row): number => Math.max(...rows.map((row) => row[key].length));
  return rows.map(({ seen, count, first, clients }) =>
    [
      `  ${seen.padEnd(width("seen"))}`,
      count.padStart(width("count")),
      first.padEnd(width("first")),
      clients,
    ].join("  "),
  );
}

function renderBelow({ seen, count, first, clients }: Row, width: number): string {
  const texts = [`  ${count} ${seen}`, `    ${first}`, `    ${clients}`];
  return texts.map((text) => wrap(text, width, 6)).join("\n");
}

function describeFirst(ms: number, origin: string): string {
  return ms < 0
    ? `first ${formatDuration(-ms)} before ${origin}`
    : `first ${formatDuration(ms)} after ${origin}`;
}
