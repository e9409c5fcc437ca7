import { readFileSync, statSync } from "node:fs";
import path from "node:path";
import {
  createDiskProject,
  createProject,
  decode,
  STDIN,
  walk,
  type Project,
  type Skipped,
} from "../../lint/index.js";
import { UsageError } from "../usage.js";

/** What is examined, and where its files are. */
export interface Opened {
  readonly project: Project;
  /** The folder that paths begin at; null for the standard input. */
  readonly root: string | null;
  /** Grows while files are read. */
  readonly skipped: readonly Skipped[];
}

/** Finds the files that the words mean. Throws UsageError for one that is not there. */
export function openProject(words: readonly string[]): Opened {
  if (words.includes("-")) return openStdin(words);
  const root = process.cwd();
  const skipped: Skipped[] = [];
  const files = new Set<string>();
  for (const word of words.length === 0 ? ["."] : words) {
    for (const file of listFiles(root, word, skipped)) files.add(file);
  }
  return { project: createDiskProject(root, [...files], skipped), root, skipped };
}

function openStdin(words: readonly string[]): Opened {
  if (words.length > 1) throw new UsageError("Expected `-` alone: the standard input, or paths");
  const source = decode(readFileSync(0), STDIN);
  return { project: createProject([STDIN], () => source), root: null, skipped: [] };
}

function listFiles(root: string, word: string, skipped: Skipped[]): readonly string[] {
  const stat = statSync(path.resolve(root, word), { throwIfNoEntry: false });
  if (stat === undefined)
    throw new UsageError(`Expected a file or a folder, got \`${word}\`: it is not there`);
  const name = path.relative(root, path.resolve(root, word)).replaceAll(path.sep, "/");
  if (!stat.isDirectory()) return [name];
  const walked = walk(path.resolve(root, word));
  const prefix = name === "" ? "" : `${name}/`;
  skipped.push(...walked.skipped.map(({ file, why }) => ({ file: `${prefix}${file}`, why })));
  return walked.files.map((file) => `${prefix}${file}`);
}
