import { findCall, type Environment } from "../application/application.js";
import { JAVASCRIPT } from "../application/sources.js";
import { readPackage } from "../chain/surroundings.js";
import type { Project } from "../files/project.js";
import type { LastcallCall } from "../model/application.js";
import { folderOf, joinPaths } from "../source/paths.js";
import { at } from "../source/tree.js";

/** A file that calls `lastcall()`, and the folder of its package. */
export interface Caller {
  readonly file: string;
  readonly folder: string;
}

// Reading more than these takes longer than anyone waits for a linter.
const MOST_FILES = 3_000;
const LASTCALL = /\bfrom\s*["']lastcall["']|\brequire\(\s*["']lastcall["']/;
const TESTS =
  /(?:^|\/)(?:tests?|__tests__|spec|e2e|fixtures?|examples?|bench|docs)\/|\.(?:test|spec)\.[cm]?[jt]s$/;

/** Files that call `lastcall()`, in packages that depend on it, and where there is no package at all. */
export function listCallers(project: Project): readonly Caller[] {
  const candidates = project.files.filter((file) => JAVASCRIPT.matches(file) && !TESTS.test(file));
  const own = candidates
    .map((file) => ({ file, folder: findPackage(project, file) }))
    .filter(({ folder }) => folder === null || dependsOnLastcall(project, folder));
  if (own.length > MOST_FILES) return [];
  return own
    .filter(({ file }) => project.looks(file, (text) => LASTCALL.test(text)))
    .map(({ file, folder }) => ({ file, folder: folder ?? folderOf(file) }));
}

/** The nearest folder above with a package.json; null without one. */
function findPackage(project: Project, file: string): string | null {
  for (let folder = folderOf(file); ; folder = folderOf(folder)) {
    if (project.has(joinPaths(folder, "package.json"))) return folder;
    if (folder === "") return null;
  }
}

function dependsOnLastcall(project: Project, folder: string): boolean {
  const tree = readPackage(project, folder);
  return ["dependencies", "devDependencies", "optionalDependencies"].some(
    (key) => at(tree, key, "lastcall") !== undefined,
  );
}

/** The only call in a folder; null where there is none, or several. */
export function findOnlyCall(
  project: Project,
  folder: string,
  environment: Environment,
): LastcallCall | null {
  const callers = project.once(listCallers).filter((one) => one.folder === folder);
  const [caller] = callers;
  return callers.length === 1 && caller !== undefined
    ? readCaller(project, caller, environment)
    : null;
}

/** The call in a file. */
export function readCaller(
  project: Project,
  { file }: Caller,
  environment: Environment,
): LastcallCall | null {
  const parsed = project.parse(JAVASCRIPT, file);
  return parsed === undefined
    ? null
    : findCall([{ source: parsed.source, script: parsed.value }], environment);
}
