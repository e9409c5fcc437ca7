/** A word as the shell gives it to a program. Its place is counted from the beginning of the text. */
export interface ShellWord {
  /** What the shell makes of it: quotes are gone, expansions stand as they are written. */
  readonly text: string;
  /** Whether it is that whatever the environment is: nothing in it is expanded. */
  readonly isLiteral: boolean;
  readonly start: number;
  readonly end: number;
}

/** A word, or an operator between words. */
export type Token =
  | {
      readonly kind: "word";
      readonly word: ShellWord;
      /** Whether a part of it is quoted: then it is no reserved word. */
      readonly isQuoted: boolean;
    }
  | { readonly kind: "operator"; readonly text: string; readonly end: number };
