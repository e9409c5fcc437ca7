import type { Colors } from "./colors.js";

/** Where a request is drawn: its bar, in pixels. */
export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

type Pen = CanvasRenderingContext2D;

/** Every outcome has a shape of its own, so that it can be told without its colour. */
export function drawRequest(pen: Pen, colors: Colors, outcome: string, box: Box): void {
  if (outcome === "dropped") drawDropped(pen, colors, box);
  else if (outcome === "refused") drawRefused(pen, colors, box);
  else if (outcome === "retryable") drawHollow(pen, colors.retry, box);
  else if (outcome === "unsent") drawHollow(pen, colors.muted, box);
  else {
    pen.fillStyle = colors.ok;
    pen.fillRect(box.x, box.y, Math.max(1, box.width), box.height);
  }
}

/** A striped bar with a heavy end that stands out above and below: there it broke off. */
function drawDropped(pen: Pen, colors: Colors, { x, y, width, height }: Box): void {
  const right = x + Math.max(3, width);
  pen.fillStyle = colors.lost;
  pen.fillRect(x, y, right - x, height);
  if (right - x > 12) drawStripes(pen, colors.ground, { x, y, width: right - x - 3, height });
  pen.fillStyle = colors.lostEdge;
  pen.fillRect(right - 3, y - 1.5, 3, height + 3);
}

function drawStripes(pen: Pen, color: string, { x, y, width, height }: Box): void {
  pen.save();
  pen.beginPath();
  pen.rect(x, y, width, height);
  pen.clip();
  pen.strokeStyle = color;
  pen.lineWidth = 1.25;
  pen.beginPath();
  // No more stripes than can be seen, however long the bar is beyond the edges.
  const first = Math.max(x, -20);
  for (let at = first; at < Math.min(x + width, 8_000) + height; at += 6) {
    pen.moveTo(at, y);
    pen.lineTo(at - height, y + height);
  }
  pen.stroke();
  pen.restore();
}

/** A cross: nothing was sent, so it has no length. */
function drawRefused(pen: Pen, colors: Colors, { x, y, height }: Box): void {
  const size = Math.max(5, Math.min(8, height)) / 2;
  const middle = y + height / 2;
  pen.strokeStyle = colors.lost;
  pen.lineWidth = 1.75;
  pen.beginPath();
  pen.moveTo(x - size, middle - size);
  pen.lineTo(x + size, middle + size);
  pen.moveTo(x + size, middle - size);
  pen.lineTo(x - size, middle + size);
  pen.stroke();
}

function drawHollow(pen: Pen, color: string, { x, y, width, height }: Box): void {
  pen.strokeStyle = color;
  pen.lineWidth = 1.25;
  pen.strokeRect(x + 0.5, y + 0.5, Math.max(4, width - 1), height - 1);
}
