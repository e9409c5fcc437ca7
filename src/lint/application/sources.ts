import type { FileKind, Project } from "../files/project.js";
import { readJavaScript, type JavaScript } from "../read/javascript/read.js";
import type { Source } from "../source/source.js";
import { resolveImport } from "./resolve.js";

/** A file of a program. */
export interface ProgramFile {
  readonly source: Source;
  readonly script: JavaScript;
}

/** All files of a program, as far as they are in the tree. */
export interface Sources {
  readonly files: readonly ProgramFile[];
  readonly packages: ReadonlySet<string>;
  /** Whether every import of a path was found, and none is made up at run time. */
  readonly isComplete: boolean;
}

/** JavaScript and TypeScript; only files that are asked for by name are read. */
export const JAVASCRIPT: FileKind<JavaScript> = {
  name: "JavaScript",
  matches: (file) => /\.(?:[cm]?[jt]s|[jt]sx)$/.test(file) && !/\.d\.[cm]?ts$/.test(file),
  read: readJavaScript,
};

// A program of more files than that is bundled, or no server.
const MOST_FILES = 600;

/** Follows the imports from a file on. */
export function readSources(project: Project, entry: string): Sources {
  const files: ProgramFile[] = [];
  const packages = new Set<string>();
  const seen = new Set([entry]);
  let isComplete = true;
  for (const file of seen) {
    const parsed =
      seen.size > MOST_FILES || file.endsWith(".json")
        ? undefined
        : project.parse(JAVASCRIPT, file);
    if (parsed === undefined) {
      if (!file.endsWith(".json")) isComplete = false;
      continue;
    }
    files.push({ source: parsed.source, script: parsed.value });
    for (const { specifier, isTypeOnly } of parsed.value.imports) {
      if (isTypeOnly) continue;
      const next =
        specifier?.startsWith(".") === true ? resolveImport(project, file, specifier) : undefined;
      if (next !== undefined) seen.add(next);
      else if (specifier === null || specifier.startsWith(".") || /^[#@~]\//.test(specifier))
        isComplete = false;
      else packages.add(specifier);
    }
  }
  return { files, packages, isComplete };
}
