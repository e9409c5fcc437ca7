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
  /** The folder that names of files begin at; null for the standard input. */
  readonly root: string | null;
  /** The folder of the program, from the root; null where it was not said. */
  readonly app: string | null;
  /** Grows while files are read. */
  readonly skipped: readonly Skipped[];
}

/** Finds the files that the words mean, and those of the program. Throws UsageError for what is not there. */
export function openProject(words: readonly string[], app: string | undefined): Opened {
  if (words.includes("-")) return openStdin(words, app);
  const paths = (words.length === 0 ? ["."] : words).map((word) => resolveWord(word));
  const root = findRoot(app === undefined ? paths : [...paths, resolveWord(app)]);
  const skipped: Skipped[] = [];
  const files = new Set(paths.flatMap((one) => listFiles(root, one, skipped)));
  if (app !== undefined)
    for (const file of listFiles(root, resolveWord(app), [])) addProgram(file, files);
  const folder = app === undefined ? null : nameOf(root, resolveWord(app));
  return { project: createDiskProject(root, [...files], skipped), root, app: folder, skipped };
}

/** Of the program's folder its sources count: manifests that lie there were not named. */
function addProgram(file: string, files: Set<string>): void {
  if (!/\.ya?ml$/i.test(file)) files.add(file);
}

function openStdin(words: readonly string[], app: string | undefined): Opened {
  if (words.length > 1) throw new UsageError("Expected `-` alone: the standard input, or paths");
  const source = decode(readFileSync(0), STDIN);
  // Whatever should have written it has failed: that is no clean run.
  if (!/\b(?:apiVersion|services)\b/.test(source.text)) {
    return { project: createProject([], () => undefined), root: null, app: null, skipped: [] };
  }
  if (app === undefined) {
    return { project: createProject([STDIN], () => source), root: null, app: null, skipped: [] };
  }
  const { project, app: folder, skipped } = openProject([app], app);
  const sources = new Set<string>();
  for (const file of project.files) addProgram(file, sources);
  const joined = createProject([STDIN, ...sources], (file) =>
    file === STDIN ? source : project.source(file),
  );
  return { project: joined, root: null, app: folder, skipped };
}

function resolveWord(word: string): string {
  const absolute = path.resolve(word);
  if (statSync(absolute, { throwIfNoEntry: false }) === undefined) {
    throw new UsageError(`Expected a file or a folder, got \`${word}\`: it is not there`);
  }
  return absolute;
}

/** Names begin at the folder that it is started in, or at the nearest one above that holds all that is named. */
function findRoot(paths: readonly string[]): string {
  let root = process.cwd();
  while (paths.some((one) => path.relative(root, one).startsWith(".."))) root = path.dirname(root);
  return root;
}

function nameOf(root: string, absolute: string): string {
  return path.relative(root, absolute).replaceAll(path.sep, "/");
}

function listFiles(root: string, absolute: string, skipped: Skipped[]): readonly string[] {
  const name = nameOf(root, absolute);
  if (!statSync(absolute).isDirectory()) return [name];
  const walked = walk(absolute);
  const prefix = name === "" ? "" : `${name}/`;
  skipped.push(...walked.skipped.map(({ file, why }) => ({ file: `${prefix}${file}`, why })));
  return walked.files.map((file) => `${prefix}${file}`);
}
