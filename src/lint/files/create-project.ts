import path from "node:path";
import type { Source } from "../source/source.js";
import { loadFile } from "./load.js";
import type { FileKind, Parsed, Project } from "./project.js";
import type { Skipped } from "./walk.js";

/** Where texts come from. */
export type Load = (file: string) => Source | undefined;

/** A project of these files. Each is read when it is asked for, and once. */
export function createProject(files: readonly string[], load: Load): Project {
  const known = new Set(files);
  const sources = new Map<string, Source | undefined>();
  const parsed = new Map<FileKind<unknown>, Map<string, Parsed<unknown> | undefined>>();
  const lists = new Map<FileKind<unknown>, readonly Parsed<unknown>[]>();
  const read = new Map<unknown, unknown>();

  const source = (file: string): Source | undefined => {
    if (!known.has(file)) return undefined;
    return remember(sources, file, () => load(file));
  };
  const looks = (file: string, test: (text: string) => boolean): boolean => {
    const isKept = sources.has(file);
    const found = source(file);
    const isRight = found !== undefined && test(found.text);
    // Most of what is looked at is of no interest: its text takes memory to the end.
    if (!isRight && !isKept && found !== undefined) sources.delete(file);
    return isRight;
  };
  const parse = <T>(kind: FileKind<T>, file: string): Parsed<T> | undefined => {
    const ofKind = remember(parsed, kind, () => new Map<string, Parsed<unknown> | undefined>());
    return remember(ofKind, file, () => {
      const text = source(file);
      return text === undefined ? undefined : { source: text, ...kind.read(text) };
    }) as Parsed<T> | undefined;
  };
  const list = <T>(kind: FileKind<T>): readonly Parsed<T>[] =>
    files
      .filter((file) => kind.matches(file))
      .filter((file) => kind.looksRight === undefined || looks(file, kind.looksRight))
      .flatMap((file) => parse(kind, file) ?? []);

  const project: Project = {
    files,
    has: (file) => known.has(file),
    source,
    looks,
    parse,
    all: <T>(kind: FileKind<T>) => remember(lists, kind, () => list(kind)) as readonly Parsed<T>[],
    once: <T>(reader: (from: Project) => T) => remember(read, reader, () => reader(project)) as T,
  };
  return project;
}

function remember<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  if (map.has(key)) return map.get(key) as V;
  const value = make();
  map.set(key, value);
  return value;
}

/** A project of files on disk; what cannot be read is added to `skipped`. */
export function createDiskProject(
  root: string,
  files: readonly string[],
  skipped: Skipped[],
): Project {
  return createProject(files, (file) => {
    const { source, why } = loadFile(path.join(root, file), file);
    if (why !== null) skipped.push({ file, why });
    return source ?? undefined;
  });
}
