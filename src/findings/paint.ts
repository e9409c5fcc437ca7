/** Colours text, or leaves it alone. */
export interface Paint {
  readonly good: (text: string) => string;
  readonly bad: (text: string) => string;
  readonly faint: (text: string) => string;
  readonly strong: (text: string) => string;
}

export function createPaint(hasColor: boolean): Paint {
  const wrap =
    (code: string) =>
    (text: string): string =>
      hasColor && text !== "" ? `\u001B[${code}m${text}\u001B[0m` : text;
  return { good: wrap("32"), bad: wrap("31"), faint: wrap("2"), strong: wrap("1") };
}
