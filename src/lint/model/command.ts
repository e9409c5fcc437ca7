import type { Spot } from "../source/source.js";

/** A word of a command. */
export interface Word {
  readonly text: string;
  readonly spot: Spot;
}

/** What a platform starts: the words as the kernel gets them, ENTRYPOINT and CMD together. */
export interface Command {
  readonly words: readonly Word[];
  /** Whether the platform puts `sh -c` before it: CMD without brackets, Procfile. Then there is one word. */
  readonly isShell: boolean;
  readonly spot: Spot;
}
