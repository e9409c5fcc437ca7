/** A token of JavaScript or TypeScript; comments and white space leave none. */
export interface Token {
  readonly kind: "name" | "number" | "string" | "template" | "regex" | "sign";
  /** As it is written. */
  readonly text: string;
  /** Of a string, and of a template without expressions: what it says. Of others undefined. */
  readonly value: string | undefined;
  readonly start: number;
  readonly end: number;
}
