import type { Span } from "../../page/viewport.js";

/** Instants to pixels and back. */
export interface Scale {
  readonly span: Span;
  readonly width: number;
  /** Of what the lanes are seen through. */
  readonly height: number;
  xOf(ms: number): number;
  msOf(x: number): number;
}

export function createScale(span: Span, width: number, height: number): Scale {
  const perMs = width / (span.toMs - span.fromMs);
  return {
    span,
    width,
    height,
    xOf: (ms) => (ms - span.fromMs) * perMs,
    msOf: (x) => span.fromMs + x / perMs,
  };
}
