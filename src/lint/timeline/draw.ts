import type { Paint } from "../../findings/paint.js";
import { sayTime } from "../source/value.js";
import type { Row, Timeline } from "./plan.js";

const NAMES = 26;
const TIMES = 16;
const LEAST = 20;

/** Draws them, one below the other. */
export function drawTimelines(timelines: readonly Timeline[], width: number, paint: Paint): string {
  return timelines.map((timeline) => drawTimeline(timeline, width, paint)).join("\n\n");
}

function drawTimeline(
  { title, place, length, rows, notes }: Timeline,
  width: number,
  paint: Paint,
): string {
  const columns = Math.max(LEAST, width - NAMES - TIMES);
  return [
    `${paint.strong(title)}  ${paint.faint(place)}`,
    ...rows.map((row) => drawRow(row, length, columns, paint)),
    ...notes.map((note) => `  ${note}`),
  ].join("\n");
}

function drawRow(row: Row, length: number, columns: number, paint: Paint): string {
  const { name, from, to, kind } = row;
  const toColumn = (time: number): number =>
    Math.min(columns, Math.round((time / length) * columns));
  const [first, last] = [toColumn(from), toColumn(to)];
  const isInstant = kind === "signal" || kind === "kill";
  const mark = isInstant
    ? kind === "signal"
      ? "▲"
      : "✗"
    : MARKS[kind].repeat(Math.max(1, last - first));
  const at = Math.min(first, columns - 1);
  const bar = `${" ".repeat(at)}${mark}`.padEnd(columns).slice(0, columns);
  const time = isInstant ? sayTime(from) : `${sayTime(from)} – ${sayTime(to)}`;
  return `  ${shorten(name, NAMES - 3).padEnd(NAMES - 3)} ${kind === "kill" ? paint.bad(bar) : bar} ${paint.faint(time)}`.trimEnd();
}

const MARKS = { platform: "▒", program: "█", balancer: "░" } as const;

function shorten(text: string, width: number): string {
  return text.length <= width ? text : `${text.slice(0, width - 1)}…`;
}
