import { formatDuration } from "../../facts/duration.js";
import type { Phase } from "./marks.js";
import type { Paint } from "../../../findings/paint.js";

/** Columns for the names on the left. */
export const LABEL = 10;
const TICKS = [50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 30_000];

/** Instants to columns. */
export interface Scale {
  readonly startMs: number;
  readonly msPerColumn: number;
  readonly columns: number;
}

/** A scale from one instant to another in so many columns, names included. */
export function createScale(startMs: number, endMs: number, width: number): Scale {
  const columns = Math.max(20, width - LABEL);
  return { startMs, msPerColumn: Math.max(1, (endMs - startMs) / (columns - 1)), columns };
}

export function columnOf(ms: number, scale: Scale): number {
  const column = Math.floor((ms - scale.startMs) / scale.msPerColumn);
  return Math.min(scale.columns - 1, Math.max(0, column));
}

/** The axis: its origin by name, and round instants. */
export function renderAxis(scale: Scale, origin: string, paint: Paint): string {
  const step = TICKS.find((tick) => tick / scale.msPerColumn >= 12) ?? 60_000;
  const line = blank(scale.columns);
  place(line, columnOf(0, scale), origin);
  for (let ms = step; ms < scale.startMs + scale.columns * scale.msPerColumn; ms += step) {
    place(line, columnOf(ms, scale), formatDuration(ms));
  }
  return " ".repeat(LABEL) + paint.faint(line.join("").trimEnd());
}

/** `── accepting ──┼─ draining ─`: a name where there is room for it. */
export function drawPhases(phases: readonly Phase[], scale: Scale): string {
  return phases
    .map(({ name, fromMs, toMs }) => {
      const from = fromMs === null ? 0 : columnOf(fromMs, scale);
      const to = toMs === null ? scale.columns : columnOf(toMs, scale);
      const isFirst = fromMs === null;
      const room = to - from - (isFirst ? 0 : 1);
      if (room < 0) return "";
      const word = room >= name.length + 4 ? ` ${name} ` : "";
      const before = Math.floor((room - word.length) / 2);
      const line = "─".repeat(before) + word + "─".repeat(room - word.length - before);
      return isFirst ? line : `┼${line}`;
    })
    .join("");
}

/** What stands on the left. */
export function label(text: string): string {
  return text.padEnd(LABEL);
}

/** A line of spaces, to be written into. */
export function blank(columns: number): string[] {
  return Array.from({ length: columns }, () => " ");
}

/** Writes a word into the line, unless it would touch another or the end. */
function place(line: string[], column: number, text: string): void {
  const room = line.slice(Math.max(0, column - 1), column + text.length + 1);
  if (column + text.length > line.length || room.some((char) => char !== " ")) return;
  for (const [index, char] of [...text].entries()) line[column + index] = char;
}
