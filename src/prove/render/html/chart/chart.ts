// chart/: the timeline on its canvas: scale, lanes, shapes, and what pointer and keys do.
import type { DrawnRequest } from "../../page/columns.js";
import type { PageView } from "../../page/data.js";
import type { PlacedRequest } from "../../page/lanes.js";
import { pan, reveal, zoom, type Span } from "../../page/viewport.js";
import { readColors, type Colors } from "./colors.js";
import { AXIS_HEIGHT, drawGaps, drawMarks, drawPhases, drawTicks } from "./draw-axis.js";
import { drawLanes } from "./draw-lanes.js";
import { createScale, type Scale } from "./scale.js";
import { barHeight, nearestIn, type Lane, type Scene } from "./scene.js";
import { drawRequest } from "./shapes.js";

// How far beside a request the pointer may be, in pixels.
const REACH = 5;
const LEAST_HEIGHT = 80;

export interface Chosen {
  readonly lane: Lane;
  readonly placed: PlacedRequest;
}

/** The drawing: what it shows, what is chosen in it, and the pixels. */
export class Chart {
  readonly box: HTMLElement;
  readonly #sizer: HTMLElement;
  readonly #canvas: HTMLCanvasElement;
  readonly #onChange: () => void;
  #colors: Colors = readColors();
  #view: PageView | undefined;
  #scene: Scene = { headings: [], lanes: [], laneHeight: 9, height: 0 };
  #whole: Span = { fromMs: -1_000, toMs: 1_000 };
  #span: Span = this.#whole;
  #chosen: Chosen | null = null;
  #pointerX: number | null = null;
  #isDue = false;

  /** `onChange` is told when the span or what is chosen is another. */
  constructor(box: HTMLElement, onChange: () => void) {
    this.box = box;
    this.#sizer = box.querySelector<HTMLElement>(".sizer") ?? box;
    this.#canvas = box.querySelector("canvas") ?? document.createElement("canvas");
    this.#onChange = onChange;
    box.addEventListener("scroll", () => this.redraw());
    new ResizeObserver(() => this.redraw()).observe(box);
  }

  get whole(): Span {
    return this.#whole;
  }

  get span(): Span {
    return this.#span;
  }

  get chosen(): Chosen | null {
    return this.#chosen;
  }

  get scene(): Scene {
    return this.#scene;
  }

  get scale(): Scale {
    const { clientWidth, clientHeight } = this.box;
    return createScale(this.#span, Math.max(1, clientWidth), clientHeight - AXIS_HEIGHT);
  }

  open(view: PageView, whole: Span, span: Span): void {
    this.#view = view;
    this.#whole = whole;
    this.#chosen = null;
    this.show(span);
  }

  arrange(scene: Scene): void {
    this.#scene = scene;
    const chosen = this.#chosen?.placed;
    const lane = scene.lanes.find(({ shown }) => chosen !== undefined && shown.includes(chosen));
    this.#chosen = lane === undefined || chosen === undefined ? null : { lane, placed: chosen };
    const height = AXIS_HEIGHT + Math.max(LEAST_HEIGHT, scene.height);
    this.#sizer.style.height = `${String(height)}px`;
    this.#changed();
  }

  show(span: Span): void {
    this.#span = pan(span, this.#whole, 0);
    this.#changed();
  }

  zoom(factor: number, aroundMs?: number): void {
    const { fromMs, toMs } = this.#chosen?.placed ?? this.#span;
    const middle = Math.min(this.#span.toMs, Math.max(this.#span.fromMs, (fromMs + toMs) / 2));
    this.show(zoom(this.#span, this.#whole, factor, aroundMs ?? middle));
  }

  /** Moves by a share of what is seen. */
  pan(share: number): void {
    const size = this.#span.toMs - this.#span.fromMs;
    this.show(pan(this.#span, this.#whole, size * share));
  }

  choose(chosen: Chosen | null): void {
    this.#chosen = chosen;
    if (chosen !== null) {
      this.#span = reveal(this.#span, this.#whole, chosen.placed);
      this.#scrollTo(chosen.lane);
    }
    this.#changed();
  }

  /** Where the pointer is, from the left of the box; null when it is elsewhere. */
  point(x: number | null): void {
    this.#pointerX = x;
    this.redraw();
  }

  /** The request under a place in the box. */
  find(x: number, y: number): Chosen | null {
    if (y < AXIS_HEIGHT) return null;
    const inScene = y - AXIS_HEIGHT + this.box.scrollTop;
    const lane = this.#scene.lanes.find(
      (one) => inScene >= one.y && inScene < one.y + this.#scene.laneHeight,
    );
    if (lane === undefined) return null;
    const { scale } = this;
    const placed = nearestIn(lane, scale.msOf(x));
    if (placed === undefined) return null;
    const isNear = x > scale.xOf(placed.fromMs) - REACH && x < scale.xOf(placed.toMs) + REACH;
    return isNear ? { lane, placed } : null;
  }

  /** Where a request is drawn; null when it is not. */
  locate(request: DrawnRequest): Chosen | null {
    for (const lane of this.#scene.lanes) {
      const placed = lane.shown.find((one) => one.request === request);
      if (placed !== undefined) return { lane, placed };
    }
    return null;
  }

  /** Draws again, in other colours when the scheme has changed. */
  recolor(): void {
    this.#colors = readColors();
    this.redraw();
  }

  redraw(): void {
    if (this.#isDue) return;
    this.#isDue = true;
    requestAnimationFrame(() => {
      this.#isDue = false;
      this.#draw();
    });
  }

  #changed(): void {
    this.redraw();
    this.#onChange();
  }

  #scrollTo({ y }: Lane): void {
    const room = this.box.clientHeight - AXIS_HEIGHT;
    const { scrollTop } = this.box;
    if (y - 30 < scrollTop) this.box.scrollTop = y - 30;
    else if (y + 30 > scrollTop + room) this.box.scrollTop = y + 30 - room;
  }

  #draw(): void {
    const view = this.#view;
    const pen = fitCanvas(this.#canvas, this.box.clientWidth, this.box.clientHeight);
    if (view === undefined || pen === null) return;
    const { scale } = this;
    pen.fillStyle = this.#colors.ground;
    pen.fillRect(0, 0, scale.width, scale.height + AXIS_HEIGHT);
    drawPhases(pen, this.#colors, view, scale);
    drawTicks(pen, this.#colors, scale);
    drawMarks(pen, this.#colors, view, scale);
    drawGaps(pen, this.#colors, view, scale);
    pen.save();
    pen.beginPath();
    pen.rect(0, AXIS_HEIGHT, scale.width, scale.height);
    pen.clip();
    pen.translate(0, AXIS_HEIGHT);
    drawLanes(pen, this.#colors, this.#scene, scale, this.box.scrollTop);
    this.#drawChosen(pen, scale);
    pen.restore();
    this.#drawPointer(pen, scale);
  }

  #drawChosen(pen: CanvasRenderingContext2D, scale: Scale): void {
    if (this.#chosen === null) return;
    const { lane, placed } = this.#chosen;
    const height = barHeight(this.#scene);
    const x = scale.xOf(placed.fromMs);
    const box = { x, y: lane.y - this.box.scrollTop, width: scale.xOf(placed.toMs) - x, height };
    drawRequest(pen, this.#colors, placed.request.outcome, box);
    pen.strokeStyle = this.#colors.focus;
    pen.lineWidth = 2;
    pen.strokeRect(x - 4, box.y - 4, Math.max(3, box.width) + 8, height + 8);
  }

  #drawPointer(pen: CanvasRenderingContext2D, scale: Scale): void {
    if (this.#pointerX === null) return;
    pen.fillStyle = this.#colors.muted;
    pen.fillRect(Math.round(this.#pointerX), AXIS_HEIGHT - 6, 1, scale.height + 6);
  }
}

/** Gives the canvas as many pixels as the screen has there. Returns its pen, in CSS pixels. */
export function fitCanvas(
  canvas: HTMLCanvasElement,
  width: number,
  height: number,
): CanvasRenderingContext2D | null {
  const ratio = window.devicePixelRatio;
  const [w, h] = [Math.round(width * ratio), Math.round(height * ratio)];
  if (canvas.width !== w || canvas.height !== h) {
    canvas.width = w;
    canvas.height = h;
    canvas.style.width = `${String(width)}px`;
    canvas.style.height = `${String(height)}px`;
  }
  const pen = canvas.getContext("2d");
  pen?.setTransform(ratio, 0, 0, ratio, 0, 0);
  return pen;
}
