import type { PlacedRequest } from "../../page/lanes.js";
import type { Colors } from "./colors.js";
import type { Scale } from "./scale.js";
import { barHeight, firstEndingAfter, HEADING_HEIGHT, type Lane, type Scene } from "./scene.js";
import { drawRequest } from "./shapes.js";

type Pen = CanvasRenderingContext2D;

export const FONT = "12px system-ui, sans-serif";

/** Draws the lanes that are seen when `top` of the scene has been scrolled away. */
export function drawLanes(pen: Pen, colors: Colors, scene: Scene, scale: Scale, top: number): void {
  const bottom = top + scale.height;
  for (const { y, text } of scene.headings) {
    if (y + HEADING_HEIGHT < top || y > bottom) continue;
    drawHeading(pen, colors, text, y - top, scale.width);
  }
  const seen = scene.lanes.filter(({ y }) => y + scene.laneHeight >= top && y <= bottom);
  const height = barHeight(scene);
  pen.fillStyle = colors.ok;
  for (const lane of seen) drawAnswered(pen, lane, lane.y - top, height, scale);
  for (const lane of seen) drawOthers(pen, colors, lane, lane.y - top, height, scale);
}

function drawHeading(pen: Pen, colors: Colors, text: string, y: number, width: number): void {
  const [client = "", counts = ""] = text.split("   ");
  pen.fillStyle = colors.rule;
  pen.fillRect(0, y + 0.5, width, 1);
  pen.textBaseline = "middle";
  pen.textAlign = "left";
  pen.font = `600 ${FONT}`;
  pen.fillStyle = colors.text;
  pen.fillText(client, 8, y + HEADING_HEIGHT / 2 + 1);
  const left = 8 + pen.measureText(client).width + 10;
  pen.font = FONT;
  pen.fillStyle = colors.muted;
  pen.fillText(counts, left, y + HEADING_HEIGHT / 2 + 1);
}

/** Bars that would touch are drawn as one, so that the cost follows the pixels and not the requests. */
function drawAnswered(pen: Pen, lane: Lane, y: number, height: number, scale: Scale): void {
  let from = Number.NaN;
  let to = Number.NaN;
  for (const { request, fromMs, toMs } of within(lane, scale)) {
    if (request.outcome !== "ok") continue;
    const left = scale.xOf(fromMs);
    const right = Math.max(left + 1, scale.xOf(toMs) - 1);
    if (left <= to + 0.5) to = Math.max(to, right);
    else {
      if (to > from) pen.fillRect(from, y, to - from, height);
      [from, to] = [left, right];
    }
  }
  if (to > from) pen.fillRect(from, y, to - from, height);
}

// Nearer to one another marks would melt into a bar.
const CROSS_GAP = 7;

/** What was lost is drawn upon what was answered, and magnified until each stands alone. */
function drawOthers(
  pen: Pen,
  colors: Colors,
  lane: Lane,
  y: number,
  height: number,
  scale: Scale,
): void {
  let last = Number.NEGATIVE_INFINITY;
  for (const { request, fromMs, toMs } of within(lane, scale)) {
    if (request.outcome === "ok") continue;
    const x = scale.xOf(fromMs);
    const width = scale.xOf(toMs) - x;
    if (x + width - last < (request.outcome === "refused" ? CROSS_GAP : 1)) continue;
    last = x + width;
    drawRequest(pen, colors, request.outcome, { x, y, width, height });
  }
}

function* within(lane: Lane, scale: Scale): Generator<PlacedRequest> {
  const { fromMs, toMs } = scale.span;
  // A mark has some width, also just outside.
  const room = scale.msOf(10) - scale.msOf(0);
  for (let at = firstEndingAfter(lane.shown, fromMs - room); at < lane.shown.length; at += 1) {
    const placed = lane.shown[at];
    if (placed === undefined || placed.fromMs > toMs + room) return;
    yield placed;
  }
}
