/** The stretch of time that is seen, in milliseconds from the signal. */
export interface Span {
  readonly fromMs: number;
  readonly toMs: number;
}

const LEAST_SPAN_MS = 2;

/** Magnifies or shrinks around an instant, which stays where it is, inside the whole. */
export function zoom(span: Span, whole: Span, factor: number, aroundMs: number): Span {
  const size = span.toMs - span.fromMs;
  const next = Math.min(whole.toMs - whole.fromMs, Math.max(LEAST_SPAN_MS, size / factor));
  const share = size === 0 ? 0.5 : (aroundMs - span.fromMs) / size;
  const fromMs = aroundMs - next * share;
  return keepInside({ fromMs, toMs: fromMs + next }, whole);
}

/** Moves it, no further than the whole. */
export function pan(span: Span, whole: Span, byMs: number): Span {
  return keepInside({ fromMs: span.fromMs + byMs, toMs: span.toMs + byMs }, whole);
}

/** The least move that brings a stretch into sight, with some room around it; shrinks when it must. */
export function reveal(span: Span, whole: Span, target: Span): Span {
  const size = span.toMs - span.fromMs;
  const length = target.toMs - target.fromMs;
  if (length > size * 0.8) {
    const room = Math.max(length * 0.25, LEAST_SPAN_MS / 2);
    return keepInside({ fromMs: target.fromMs - room, toMs: target.toMs + room }, whole);
  }
  const room = (size - length) * 0.1;
  if (target.fromMs < span.fromMs + room) {
    return pan(span, whole, target.fromMs - room - span.fromMs);
  }
  if (target.toMs > span.toMs - room) return pan(span, whole, target.toMs + room - span.toMs);
  return span;
}

function keepInside(span: Span, whole: Span): Span {
  const size = Math.min(span.toMs - span.fromMs, whole.toMs - whole.fromMs);
  const fromMs = Math.min(Math.max(span.fromMs, whole.fromMs), whole.toMs - size);
  return { fromMs, toMs: fromMs + size };
}

const STEPS = [1, 2, 5];

/** Round instants inside the span, at most one per `leastPixels`. */
export function listTicks(span: Span, pixels: number, leastPixels: number): number[] {
  const least = ((span.toMs - span.fromMs) / Math.max(1, pixels)) * leastPixels;
  const step = roundUp(least);
  const ticks: number[] = [];
  for (let at = Math.ceil(span.fromMs / step); at * step <= span.toMs; at += 1) {
    ticks.push(at * step);
  }
  return ticks;
}

function roundUp(ms: number): number {
  const power = 10 ** Math.floor(Math.log10(Math.max(ms, 0.1)));
  const step = STEPS.find((candidate) => candidate * power >= ms);
  return step === undefined ? 10 * power : step * power;
}

/** Writes an instant of the axis as exactly as its neighbours need: `0`, `+250 ms`, `−1.5 s`. */
export function formatTick(ms: number): string {
  if (Math.abs(ms) < 1e-9) return "0";
  const sign = ms < 0 ? "−" : "+";
  const size = Math.abs(ms);
  return size < 1_000
    ? `${sign}${String(Number(size.toFixed(1)))} ms`
    : `${sign}${String(Number((size / 1_000).toFixed(4)))} s`;
}

/**
 * What to show first: everything, unless nearly all requests ended in the first part of it, as when
 * a process that hangs is killed long after.
 */
export function firstSpan(endsMs: readonly number[], whole: Span): Span {
  const sorted = [...endsMs].sort((a, b) => a - b);
  const nearlyAll = sorted[Math.floor(sorted.length * 0.99)] ?? whole.toMs;
  const toMs = Math.max(1_000, nearlyAll * 1.25);
  return toMs - whole.fromMs > (whole.toMs - whole.fromMs) * 0.6
    ? whole
    : { fromMs: whole.fromMs, toMs };
}
