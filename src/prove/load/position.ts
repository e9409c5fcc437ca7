import type { Target } from "./protocol.js";

/** A place to be in when the signal comes. */
export interface Position {
  readonly target: Target;
  /** The client is in its place: what it does next depends on the signal. */
  reached(): void;
  /** Resolves when every client is in its place; the signal follows half a round trip later. */
  readonly settled: Promise<void>;
}
