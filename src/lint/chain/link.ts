import type { Word } from "../model/command.js";
import type { Base } from "../model/image.js";
import type { ShellScript } from "../read/shell/parse.js";
import type { Source, Spot } from "../source/source.js";

/** A process between the platform and the program. */
export type Link = InitLink | ShellLink | ManagerLink | RunnerLink;

/** `tini`, `dumb-init`: made for it. */
export interface InitLink {
  readonly kind: "init";
  readonly name: string;
  readonly spot: Spot;
  /** Whether it passes a signal on to the whole group, or to its child alone. */
  readonly signals: "group" | "child";
  readonly words: readonly Word[];
}

export interface ShellLink {
  readonly kind: "shell";
  readonly name: string;
  readonly spot: Spot;
  /** `CMD node x`, `sh -c '…'`, a script of the tree, what a package manager runs. */
  readonly form: "shell form" | "-c" | "file" | "script";
  readonly script: ShellScript;
  /** More than one simple command. */
  readonly isCompound: boolean;
  /** Whether it is still there when the program runs; null where that depends on a shell that is not known. */
  readonly stays: boolean | null;
  readonly shell: Base["shell"];
}

/** `npm start`. */
export interface ManagerLink {
  readonly kind: "package-manager";
  readonly name: "npm" | "npx" | "yarn" | "pnpm" | "corepack" | "bun";
  readonly spot: Spot;
  /** The name of the script; null for `npx tsx` and the like. */
  readonly script: string | null;
}

/** `nodemon`, `pm2-runtime`. */
interface RunnerLink {
  readonly kind: "runner";
  readonly name: string;
  readonly spot: Spot;
  readonly words: readonly Word[];
}

/** What the chain ends in. */
export interface Program {
  /** `node`, `nginx`, `java`. */
  readonly name: string;
  readonly words: readonly Word[];
  readonly spot: Spot;
  /** The file that Node is started with, as it is written. */
  readonly entry: Word | null;
  /** Whether something is sent to the background, and what follows waits. */
  readonly isDetached: boolean;
}

/** From the first process to the program. */
export interface Chain {
  /** Outermost first. */
  readonly links: readonly Link[];
  /** Null where it cannot be followed. */
  readonly program: Program | null;
}

/** What following a chain needs to know of the place where it runs. */
export interface Surroundings {
  readonly shell: Base["shell"];
  /** A script of the package that is started. */
  readonly readScript: (name: string) => Word | undefined;
  /** A file of the image that stands in the tree. */
  readonly readFile: (path: string) => Source | undefined;
}
