export type ProbeKind = "readiness" | "liveness";

/** A status; or that the connection was refused, or cut, or that nothing came in time. */
export type ProbeAnswer = number | "refused" | "cut" | "nothing";

/** A probe's answer that is another than the one before. Instants are `now()`. */
export interface ProbeChange {
  readonly kind: ProbeKind;
  readonly generation: number;
  /** When it was asked. */
  readonly askedAt: number;
  readonly answeredAt: number;
  readonly answer: ProbeAnswer;
}

/** Kubernetes takes every status from 200 to 399 for a success. */
export function isWell({ answer }: { readonly answer: ProbeAnswer }): boolean {
  return typeof answer === "number" && answer >= 200 && answer < 400;
}
