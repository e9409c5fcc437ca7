import { readdirSync, readFileSync, realpathSync, statSync, type Dirent } from "node:fs";
import path from "node:path";
import { isIgnored, readIgnoreFile, type IgnoreFile } from "./gitignore.js";

/** Something that was not looked at, and why. */
export interface Skipped {
  readonly file: string;
  readonly why: string;
}

/** What was found below a root. */
export interface Walked {
  readonly files: readonly string[];
  readonly skipped: readonly Skipped[];
}

/** How much is looked at. */
export interface Bounds {
  readonly files: number;
  readonly depth: number;
  /** In milliseconds. */
  readonly time: number;
}

const BOUNDS: Bounds = { files: 50_000, depth: 24, time: 20_000 };

/** What others made: nothing in them is a deployment of the project's own. */
const FOREIGN = new Set([
  ".git",
  ".hg",
  ".svn",
  "node_modules",
  "bower_components",
  ".terraform",
  ".venv",
]);

/** Lists the files below a root that git would not ignore, in the order of their names. Links that lead out of the tree are not followed. */
export function walk(root: string, bounds: Bounds = BOUNDS): Walked {
  const walker = new Walker(root, bounds);
  walker.visit("", [], 0);
  return walker;
}

interface Scope {
  /** With a slash at its end, unless it is the root's. */
  readonly prefix: string;
  readonly patterns: IgnoreFile;
}

class Walker implements Walked {
  readonly files: string[] = [];
  readonly skipped: Skipped[] = [];
  readonly #root: string;
  readonly #bounds: Bounds;
  readonly #end: number;
  #isFull = false;

  constructor(root: string, bounds: Bounds) {
    this.#root = root;
    this.#bounds = bounds;
    this.#end = performance.now() + bounds.time;
  }

  visit(folder: string, outer: readonly Scope[], depth: number): void {
    if (depth > this.#bounds.depth) {
      this.skipped.push({ file: folder, why: `it lies deeper than ${this.#bounds.depth} folders` });
      return;
    }
    const entries = this.#list(folder);
    const scopes = [...outer, ...this.#readScope(folder, entries)];
    for (const entry of entries) {
      if (this.#hasReachedBound()) return;
      const file = folder === "" ? entry.name : `${folder}/${entry.name}`;
      if (entry.isDirectory()) {
        if (FOREIGN.has(entry.name) || isExcluded(file, true, scopes)) continue;
        this.visit(file, scopes, depth + 1);
      } else if (!isExcluded(file, false, scopes) && this.#isFile(file, entry))
        this.files.push(file);
    }
  }

  #list(folder: string): Dirent[] {
    try {
      const entries = readdirSync(path.join(this.#root, folder), { withFileTypes: true });
      return entries.sort((a, b) => (a.name < b.name ? -1 : 1));
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      this.skipped.push({ file: folder, why: `it cannot be read (${String(code)})` });
      return [];
    }
  }

  #readScope(folder: string, entries: readonly Dirent[]): Scope[] {
    if (!entries.some(({ name }) => name === ".gitignore")) return [];
    try {
      const text = readFileSync(path.join(this.#root, folder, ".gitignore"), "utf8");
      return [{ prefix: folder === "" ? "" : `${folder}/`, patterns: readIgnoreFile(text) }];
    } catch {
      return [];
    }
  }

  #isFile(file: string, entry: Dirent): boolean {
    if (entry.isFile()) return true;
    if (!entry.isSymbolicLink()) return false;
    try {
      const absolute = path.join(this.#root, file);
      const target = realpathSync(absolute);
      const isInside = !path.relative(realpathSync(this.#root), target).startsWith("..");
      if (!isInside) this.skipped.push({ file, why: "it is a link that leads out of the tree" });
      return isInside && statSync(absolute).isFile();
    } catch {
      this.skipped.push({ file, why: "it is a link that leads nowhere" });
      return false;
    }
  }

  #hasReachedBound(): boolean {
    if (this.#isFull) return true;
    const { files, time } = this.#bounds;
    const isOver = performance.now() > this.#end;
    this.#isFull = isOver || this.files.length >= files;
    if (this.#isFull) {
      const why = isOver
        ? `looking for files took longer than ${time / 1_000} s: name the folders to look at`
        : `there are more than ${files} files: name the folders to look at`;
      this.skipped.push({ file: ".", why });
    }
    return this.#isFull;
  }
}

/** The .gitignore nearest to it has the last word. */
function isExcluded(file: string, isFolder: boolean, scopes: readonly Scope[]): boolean {
  for (const { prefix, patterns } of scopes.toReversed()) {
    const says = isIgnored(patterns, file.slice(prefix.length), isFolder);
    if (says !== undefined) return says;
  }
  return false;
}
