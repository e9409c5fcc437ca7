import { formatDuration } from "../../facts/duration.js";
import type { StopResult, Timeline, TimelineBins } from "../../facts/result.js";
import {
  blank,
  columnOf,
  createScale,
  drawPhases,
  label,
  LABEL,
  renderAxis,
  type Scale,
} from "./axis.js";
import { listMarks, listPhases, type Mark } from "./marks.js";
import { createPaint, type Paint } from "../../../findings/paint.js";
import { wrap } from "../../../findings/wrap.js";

/** One stop and the name it goes by in the drawing. */
export interface TimelineRow {
  readonly name: string;
  readonly stop: StopResult;
}

export interface TimelineOptions {
  /** Columns of the whole drawing. Default: 100. */
  readonly width?: number;
  /** Default: false. */
  readonly color?: boolean;
}

const LEVELS = "▁▂▃▄▅▆▇█";

/** Draws stops under one another on one time axis. */
export function renderTimeline(
  rows: readonly TimelineRow[],
  options: TimelineOptions = {},
): string {
  const paint = createPaint(options.color ?? false);
  const startMs = Math.min(...rows.map(({ stop }) => stop.timeline.bins.startMs));
  const endMs = Math.max(...rows.map(({ stop }) => lastInstant(stop.timeline)));
  const scale = createScale(startMs, endMs, options.width ?? 100);
  const blocks = rows.map((row) => renderRow(row, scale, paint));
  return [renderAxis(scale, "signal", paint), ...blocks].join("\n\n");
}

function lastInstant({ exitMs, bins }: Timeline): number {
  return Math.max(exitMs ?? 0, bins.startMs + bins.ok.length * bins.widthMs);
}

function renderRow({ name, stop }: TimelineRow, scale: Scale, paint: Paint): string {
  const { timeline } = stop;
  const marks = listMarks(stop);
  const lost = drawLost(timeline.bins, scale);
  return [
    paint.strong(wrap(name, scale.columns + LABEL, 2)),
    label("phase") + paint.faint(drawPhases(listPhases(stop), scale)),
    label("answered") + paint.good(drawLevels(timeline.bins, scale)),
    ...(lost === "" ? [] : [label("dropped") + paint.bad(lost)]),
    label("") + drawMarks(marks, scale),
    ...explainMarks(marks, scale.columns + LABEL),
  ].join("\n");
}

function explainMarks(marks: readonly Mark[], columns: number): string[] {
  const times = marks.map(({ ms }) => formatDuration(ms));
  const width = Math.max(...times.map((time) => time.length));
  const lines = marks.map(
    ({ letter, text }, at) => `${letter} ${(times[at] ?? "").padStart(width)}  ${text}`,
  );
  // Where the screen is narrow they need all of it.
  const isNarrow = lines.some((line) => line.length + LABEL > columns);
  return lines.map((line) => (isNarrow ? wrap(line, columns, width + 4) : label("") + line));
}

/** Counts per column, on a scale of their own peak. */
function drawLevels(bins: TimelineBins, scale: Scale): string {
  const counts = spread(bins, bins.ok, scale);
  const peak = Math.max(1, ...counts);
  return counts
    .map((count) => (count === 0 ? " " : LEVELS[Math.ceil((count / peak) * LEVELS.length) - 1]))
    .join("")
    .trimEnd();
}

function drawLost(bins: TimelineBins, scale: Scale): string {
  return spread(bins, bins.lost, scale)
    .map((count) => (count === 0 ? " " : "✗"))
    .join("")
    .trimEnd();
}

/** Shares each slice's count among the columns it covers, by how much of it each covers. */
function spread(bins: TimelineBins, counts: readonly number[], scale: Scale): number[] {
  const columns = Array.from({ length: scale.columns }, () => 0);
  for (const [index, count] of counts.entries()) {
    if (count === 0) continue;
    const from = (bins.startMs + index * bins.widthMs - scale.startMs) / scale.msPerColumn;
    const to = from + bins.widthMs / scale.msPerColumn;
    for (let column = Math.floor(from); column < Math.min(to, scale.columns); column += 1) {
      const share = (Math.min(to, column + 1) - Math.max(from, column)) / (to - from);
      columns[column] = (columns[column] ?? 0) + count * share;
    }
  }
  return columns;
}

function drawMarks(marks: readonly Mark[], scale: Scale): string {
  const line = blank(scale.columns);
  const nearestFirst = [...marks].sort((a, b) => Math.abs(a.ms) - Math.abs(b.ms));
  for (const { letter, ms } of nearestFirst) {
    const step = ms < 0 ? -1 : 1;
    let column = columnOf(ms, scale);
    // Marks in one column stand side by side: the list under them has the exact instants.
    while (line[column] !== " " && line[column + step] !== undefined) column += step;
    line[column] = letter;
  }
  return line.join("").trimEnd();
}
