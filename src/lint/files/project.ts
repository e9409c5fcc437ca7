// files/: what there is to read: the files below a root, found and read within bounds, each kind parsed once.
import type { Problem, Read, Source } from "../source/source.js";

/** A kind of file that is understood. */
export interface FileKind<T> {
  /** As a reader calls it: `HAProxy configuration`. */
  readonly name: string;
  /** Whether a file may be of this kind, by its path alone. */
  readonly matches: (file: string) => boolean;
  /** Whether it is, by a first look at its text: for names that say little. */
  readonly looksRight?: (text: string) => boolean;
  /** Never throws, whatever the text is. */
  readonly read: (source: Source) => Read<T>;
}

/** One file of a kind. */
export interface Parsed<T> {
  readonly source: Source;
  readonly value: T;
  readonly problems: readonly Problem[];
}

/** What is examined. */
export interface Project {
  /** The paths of all its files, from its root, with `/`. */
  readonly files: readonly string[];
  has(file: string): boolean;
  /** A file's text; undefined where there is none, or it cannot be read within bounds. */
  source(file: string): Source | undefined;
  /** Whether a file's text is what is looked for; false where there is none. One that is not is let go. */
  looks(file: string, test: (text: string) => boolean): boolean;
  /** A file as one of a kind, whatever its name. */
  parse<T>(kind: FileKind<T>, file: string): Parsed<T> | undefined;
  /** All files of a kind, each parsed once. */
  all<T>(kind: FileKind<T>): readonly Parsed<T>[];
  /** What is read from a project in several places, once: `project.once(listWorkloads)`. */
  once<T>(read: (project: Project) => T): T;
}
