/** What holds where an option is not given. */
export interface Default<T> {
  /** As the page of options has it. */
  readonly text: string;
  /** For a grace period in milliseconds; undefined where it depends on more than that, or there is none. */
  readonly of: (gracePeriod: number) => T | undefined;
}

/** Always the same value. */
export function always<T>(value: T): Default<T> {
  const text = typeof value === "number" ? formatNumber(value) : JSON.stringify(value);
  return { text: `\`${text}\``, of: () => value };
}

/** A part of the grace period, up to a bound in milliseconds: 1/6 of it, 5,000 at most. */
export function share(part: number, most: number): Default<number> {
  return {
    text: `1/${part} of the grace period, ${formatNumber(most)} at most`,
    of: (gracePeriod) => Math.min(most, gracePeriod / part),
  };
}

/** `ms` while the service serves, and another value during the drain, which is the one to be had here. */
export function serving<T>(ms: number, drain: Default<T>): Default<T> {
  return { text: `${formatNumber(ms)}; during the drain ${drain.text}`, of: drain.of };
}

/** What other values decide: the text says which. */
export function depends(text: string): Default<never> {
  return { text, of: () => undefined };
}

export const NONE: Default<never> = depends("none");
export const REQUIRED: Default<never> = depends("required");

function formatNumber(value: number): string {
  return String(value).replace(/\B(?=(?:\d{3})+$)/g, ",");
}
