import type { DrawnRequest } from "../page/columns.js";
import type { Span } from "../page/viewport.js";
import { fitCanvas } from "./chart/chart.js";
import { readColors } from "./chart/colors.js";
import { createScale } from "./chart/scale.js";

const HEIGHT = 44;

/** The whole run in one strip: how many were answered, where any was lost, and what is seen below. */
export class Overview {
  readonly #canvas: HTMLCanvasElement;
  readonly #onMove: (toMs: number) => void;
  #requests: readonly DrawnRequest[] = [];
  #whole: Span = { fromMs: 0, toMs: 1 };
  #span: Span = this.#whole;

  /** `onMove` is told which instant shall be in the middle. */
  constructor(canvas: HTMLCanvasElement, onMove: (toMs: number) => void) {
    this.#canvas = canvas;
    this.#onMove = onMove;
    const move = (event: PointerEvent): void => this.#move(event);
    canvas.addEventListener("pointerdown", (event) => {
      canvas.setPointerCapture(event.pointerId);
      move(event);
    });
    canvas.addEventListener("pointermove", (event) => {
      if (event.buttons !== 0) move(event);
    });
    new ResizeObserver(() => this.draw()).observe(canvas.parentElement ?? canvas);
  }

  open(requests: readonly DrawnRequest[], whole: Span): void {
    this.#requests = requests;
    this.#whole = whole;
  }

  show(span: Span): void {
    this.#span = span;
    this.draw();
  }

  draw(): void {
    const width = this.#canvas.parentElement?.clientWidth ?? 0;
    const pen = fitCanvas(this.#canvas, width, HEIGHT);
    if (pen === null || width === 0) return;
    const colors = readColors();
    const scale = createScale(this.#whole, width, HEIGHT);
    const { answered, lost } = this.#count(width);
    const peak = Math.max(1, ...answered);
    pen.clearRect(0, 0, width, HEIGHT);
    pen.fillStyle = colors.ok;
    for (const [x, count] of answered.entries()) {
      const size = count === 0 ? 0 : 2 + (count / peak) * (HEIGHT - 18);
      pen.fillRect(x * COLUMN, HEIGHT - 12 - size, COLUMN - 1, size);
    }
    pen.fillStyle = colors.lost;
    for (const [x, count] of lost.entries()) {
      if (count > 0) pen.fillRect(x * COLUMN, HEIGHT - 10, COLUMN, 9);
    }
    pen.fillStyle = colors.text;
    pen.fillRect(Math.round(scale.xOf(0)), 0, 1, HEIGHT);
    const [left, right] = [scale.xOf(this.#span.fromMs), scale.xOf(this.#span.toMs)];
    pen.save();
    pen.globalAlpha = 0.72;
    pen.fillStyle = colors.ground;
    pen.fillRect(0, 0, left, HEIGHT);
    pen.fillRect(right, 0, width - right, HEIGHT);
    pen.restore();
    pen.strokeStyle = colors.focus;
    pen.lineWidth = 1.5;
    pen.strokeRect(left + 1, 1, Math.max(3, right - left - 2), HEIGHT - 2);
  }

  #count(width: number): { answered: number[]; lost: number[] } {
    const scale = createScale(this.#whole, width, HEIGHT);
    const answered = Array.from({ length: Math.ceil(width / COLUMN) }, () => 0);
    const lost = [...answered];
    for (const { outcome, endMs } of this.#requests) {
      const counts = outcome === "ok" ? answered : isLost(outcome) ? lost : undefined;
      const column = Math.floor(scale.xOf(endMs) / COLUMN);
      if (counts?.[column] !== undefined) counts[column] += 1;
    }
    return { answered, lost };
  }

  #move({ offsetX }: PointerEvent): void {
    const scale = createScale(this.#whole, this.#canvas.clientWidth, HEIGHT);
    this.#onMove(scale.msOf(offsetX));
  }
}

const COLUMN = 3;

export function isLost(outcome: string): boolean {
  return outcome === "dropped" || outcome === "refused";
}
