import type { PageView } from "../../page/data.js";
import { placeLabels } from "../../page/labels.js";
import { formatTick, listTicks } from "../../page/viewport.js";
import type { Colors } from "./colors.js";
import { FONT } from "./draw-lanes.js";
import type { Scale } from "./scale.js";
import { drawRequest } from "./shapes.js";

type Pen = CanvasRenderingContext2D;

const PHASE_HEIGHT = 22;
const LABEL_HEIGHT = 17;
const LABEL_ROWS = 4;
const TICK_HEIGHT = 22;

/** What stands above the lanes, and does not scroll away. */
export const AXIS_HEIGHT: number = PHASE_HEIGHT + LABEL_HEIGHT * LABEL_ROWS + TICK_HEIGHT + 4;

const TOP_OF_LABELS = PHASE_HEIGHT + 4;
const TOP_OF_TICKS = AXIS_HEIGHT - TICK_HEIGHT;

/** The phases as bands behind everything, from the top to the bottom. */
export function drawPhases(pen: Pen, colors: Colors, view: PageView, scale: Scale): void {
  for (const { name, fromMs, toMs } of view.phases) {
    const left = Math.max(0, fromMs === null ? 0 : scale.xOf(fromMs));
    const right = Math.min(scale.width, toMs === null ? scale.width : scale.xOf(toMs));
    const tint = colors.phases[name];
    if (right <= left) continue;
    if (tint !== undefined) {
      pen.fillStyle = tint;
      pen.fillRect(left, 0, right - left, AXIS_HEIGHT + scale.height);
    }
    nameBand(pen, colors, name, left, right);
  }
}

/** The times in which requests failed while a command ran: hatched from top to bottom. */
export function drawGaps(pen: Pen, colors: Colors, view: PageView, scale: Scale): void {
  for (const { fromMs, toMs } of view.gaps) {
    const left = Math.max(0, scale.xOf(fromMs) - 1);
    const right = Math.min(scale.width, scale.xOf(toMs) + 1);
    if (right <= left) continue;
    pen.save();
    pen.globalAlpha = 0.14;
    pen.fillStyle = colors.lost;
    pen.fillRect(left, AXIS_HEIGHT, right - left, scale.height);
    pen.restore();
    const bar = { x: left, y: AXIS_HEIGHT - 7, width: right - left, height: 6 };
    drawRequest(pen, colors, "dropped", bar);
  }
}

function nameBand(pen: Pen, colors: Colors, name: string, left: number, right: number): void {
  pen.font = `600 ${FONT}`;
  pen.textBaseline = "middle";
  pen.textAlign = "center";
  if (pen.measureText(name).width + 12 > right - left) return;
  pen.fillStyle = colors.muted;
  pen.fillText(name, (left + right) / 2, PHASE_HEIGHT / 2 + 1);
}

/** The ground of the axis: lanes that were scrolled up go under it. */
export function drawTicks(pen: Pen, colors: Colors, scale: Scale): void {
  pen.font = FONT;
  pen.textBaseline = "middle";
  pen.textAlign = "center";
  for (const ms of listTicks(scale.span, scale.width, 90)) {
    const x = Math.round(scale.xOf(ms)) + 0.5;
    pen.fillStyle = colors.rule;
    pen.fillRect(x, AXIS_HEIGHT - 5, 1, 5);
    const text = formatTick(ms);
    const half = pen.measureText(text).width / 2;
    pen.fillStyle = colors.muted;
    const inside = Math.min(scale.width - half - 2, Math.max(half + 2, x));
    pen.fillText(text, inside, TOP_OF_TICKS + TICK_HEIGHT / 2 - 1);
  }
  pen.fillStyle = colors.rule;
  pen.fillRect(0, AXIS_HEIGHT - 1, scale.width, 1);
}

/** The instants: a label each, where there is room, and a line through all lanes. */
export function drawMarks(pen: Pen, colors: Colors, view: PageView, scale: Scale): void {
  pen.font = FONT;
  pen.textBaseline = "middle";
  pen.textAlign = "left";
  const seen = view.marks.filter(({ ms }) => ms >= scale.span.fromMs && ms <= scale.span.toMs);
  const wishes = seen.map(({ label, ms }) => ({
    x: scale.xOf(ms),
    width: pen.measureText(label).width,
  }));
  const labels = placeLabels(wishes, LABEL_ROWS, scale.width);
  for (const [at, mark] of seen.entries()) {
    const x = Math.round(scale.xOf(mark.ms)) + 0.5;
    const label = labels[at];
    const top = label === null || label === undefined ? TOP_OF_TICKS : rowTop(label.row);
    drawLine(pen, mark.letter === "S" ? colors.text : colors.muted, x, top, scale);
    if (label === null || label === undefined) continue;
    pen.fillStyle = colors.text;
    pen.font = mark.letter === "S" ? `600 ${FONT}` : FONT;
    pen.fillText(mark.label, label.left, top + LABEL_HEIGHT / 2 + 1);
  }
}

function rowTop(row: number): number {
  return TOP_OF_LABELS + row * LABEL_HEIGHT;
}

function drawLine(pen: Pen, color: string, x: number, top: number, scale: Scale): void {
  pen.strokeStyle = color;
  pen.lineWidth = 1;
  pen.beginPath();
  pen.moveTo(x, top);
  pen.lineTo(x, TOP_OF_TICKS);
  pen.stroke();
  pen.save();
  pen.globalAlpha = 0.55;
  pen.setLineDash([3, 3]);
  pen.beginPath();
  pen.moveTo(x, AXIS_HEIGHT);
  pen.lineTo(x, AXIS_HEIGHT + scale.height);
  pen.stroke();
  pen.restore();
}
