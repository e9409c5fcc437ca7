import type { Chart, Chosen } from "./chart.js";

// A press that moves less than this is a click.
const SLOP = 4;

/** Wheel, drag, pinch and click on the drawing. `onHover` is told what the pointer is over. */
export function watchPointer(
  chart: Chart,
  onHover: (chosen: Chosen | null, x: number, y: number) => void,
): void {
  const { box } = chart;
  const pressed = new Map<number, { x: number; y: number }>();
  let moved = 0;

  box.addEventListener("wheel", (event) => onWheel(chart, event), { passive: false });
  box.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    pressed.set(event.pointerId, placeOf(event));
    moved = 0;
  });
  box.addEventListener("pointermove", (event) => {
    const [x, y] = inBox(box, event);
    const before = pressed.get(event.pointerId);
    if (before === undefined) {
      chart.point(x);
      onHover(chart.find(x, y), x, y);
      return;
    }
    onHover(null, x, y);
    const place = placeOf(event);
    moved += Math.abs(place.x - before.x) + Math.abs(place.y - before.y);
    if (moved < SLOP) return;
    box.setPointerCapture(event.pointerId);
    if (pressed.size === 2) pinch(chart, pressed, event);
    else drag(chart, before, place, event.pointerType);
    pressed.set(event.pointerId, place);
  });
  box.addEventListener("pointerup", (event) => {
    if (pressed.delete(event.pointerId) && moved < SLOP) {
      chart.choose(chart.find(...inBox(box, event)));
    }
  });
  box.addEventListener("pointercancel", (event) => pressed.delete(event.pointerId));
  box.addEventListener("pointerleave", () => {
    chart.point(null);
    onHover(null, 0, 0);
  });
}

interface Place {
  readonly x: number;
  readonly y: number;
}

function placeOf({ clientX, clientY }: PointerEvent): Place {
  return { x: clientX, y: clientY };
}

function inBox(box: HTMLElement, { clientX, clientY }: MouseEvent): [number, number] {
  const { left, top } = box.getBoundingClientRect();
  return [clientX - left - box.clientLeft, clientY - top - box.clientTop];
}

function drag(chart: Chart, before: Place, place: Place, type: string): void {
  chart.pan((before.x - place.x) / chart.scale.width);
  // A finger scrolls by itself.
  if (type === "mouse") chart.box.scrollTop += before.y - place.y;
}

function pinch(chart: Chart, pressed: ReadonlyMap<number, Place>, event: PointerEvent): void {
  const other = [...pressed].find(([id]) => id !== event.pointerId)?.[1];
  const before = pressed.get(event.pointerId);
  if (other === undefined || before === undefined) return;
  const width = Math.abs(before.x - other.x);
  const next = Math.abs(event.clientX - other.x);
  if (width < 10 || next < 10) return;
  const { left } = chart.box.getBoundingClientRect();
  chart.zoom(next / width, chart.scale.msOf((event.clientX + other.x) / 2 - left));
}

/** Upright it scrolls, as everywhere; sideways it moves through time; with Ctrl it magnifies. */
function onWheel(chart: Chart, event: WheelEvent): void {
  const { deltaX, deltaY, deltaMode, shiftKey } = event;
  const size = deltaMode === WheelEvent.DOM_DELTA_PIXEL ? 1 : 30;
  if (event.ctrlKey || event.metaKey) {
    const [x] = inBox(chart.box, event);
    const step = Math.max(-120, Math.min(120, deltaY * size));
    chart.zoom(Math.exp(-step * 0.004), chart.scale.msOf(x));
  } else if (shiftKey || Math.abs(deltaX) > Math.abs(deltaY)) {
    chart.pan(((deltaX === 0 ? deltaY : deltaX) * size) / chart.scale.width);
  } else return;
  event.preventDefault();
}
