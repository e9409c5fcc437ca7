import path from "node:path";
import { fileURLToPath } from "node:url";

import { shared } from "../../shared.js";
import { captureStack, registrationOf } from "./registrations.js";

/** A place in the program's own code, or in a package's. */
export interface Origin {
  /** The package that the file belongs to; undefined for the program's own code. */
  readonly package: string | undefined;
  readonly file: string;
  readonly line: number;
}

/** Where the files of each copy of lastcall are: their frames say nothing about the caller. */
const own = shared("folders", () => new Set<string>());

/** Where this module is in the package: by itself, or among the others of the library in one file. */
const PLACES = ["process/signals", "lastcall"].map((name) => path.join("dist", name));

/** Undefined in a bundle of CommonJS. In whatever bundle the program made, lastcall has no file of its own. */
const folder = import.meta.dirname as string | undefined;
const place = PLACES.find((each) => folder?.endsWith(path.sep + each));
if (folder !== undefined && place !== undefined) {
  // With source maps, frames name the sources.
  for (const name of ["dist", "src"]) {
    own.add(path.join(folder.slice(0, -place.length), name) + path.sep);
  }
}

/** The place of one frame, in the form that V8 writes: a path or a `file:` URL, line and column. */
const FRAME = /(?:\(|at (?:async )?)((?:file:|\/|[A-Za-z]:[\\/])[^()]*?):(\d+):\d+\)?$/;

/**
 * The caller, as far as the stack tells: the first frame that is neither Node's nor lastcall's. Never throws, though a
 * program may have frozen `Error`, or have a `prepareStackTrace` of its own that does.
 */
export function findCaller(): Origin | undefined {
  try {
    return findOrigin(captureStack());
  } catch {
    return undefined;
  }
}

/** The first place of a stack that is neither Node's nor lastcall's; undefined where there is none. May throw, as reading a stack. */
function findOrigin({ stack }: Error): Origin | undefined {
  for (const { file, line } of placesOf(stack)) {
    if (!isOwn(file)) return { package: packageOf(file), file, line };
  }
  return undefined;
}

/** Where a listener was registered, if that was noted before there was a service. Never throws. */
export function findRegistration(listener: (...args: never[]) => unknown): Origin | undefined {
  try {
    const stack = registrationOf(listener);
    return stack && findOrigin(stack);
  } catch {
    return undefined;
  }
}

function isOwn(file: string): boolean {
  for (const folder of own) if (file.startsWith(folder)) return true;
  return false;
}

/** Where an error was thrown, `file:line`: the innermost place of its stack that is not Node's. */
export function whereThrown(stack: unknown): string | undefined {
  for (const { file, line } of placesOf(stack)) return `${file}:${line}`;
  return undefined;
}

function* placesOf(stack: unknown): Generator<{ file: string; line: number }> {
  // A program may replace how stacks are written.
  if (typeof stack !== "string") return;
  for (const frame of stack.split("\n")) {
    const [, place, line] = FRAME.exec(frame.trimEnd()) ?? [];
    if (place === undefined) continue;
    yield { file: place.startsWith("file:") ? pathOf(place) : place, line: Number(line) };
  }
}

function pathOf(url: string): string {
  try {
    return fileURLToPath(url);
  } catch {
    return url;
  }
}

function packageOf(file: string): string | undefined {
  const [, name] = /^.*[\\/]node_modules[\\/]((?:@[^\\/]+[\\/])?[^\\/]+)/.exec(file) ?? [];
  return name?.replace("\\", "/");
}

/** In words: `@apollo/server (node_modules/@apollo/server/dist/index.js:12)`, `src/main.js:3`. */
export function sayOrigin({ package: name, file, line }: Origin): string {
  const relative = path.relative(process.cwd(), file);
  const place = `${relative.startsWith("..") ? file : relative}:${line}`;
  return name === undefined ? place : `${name} (${place})`;
}
