// javascript/: what a file of JavaScript or TypeScript says without being run: what it imports, calls and assigns, and the
// values of its literals and constants. What does not parse is no problem of a deployment, and is passed over.
import type { Read, Source } from "../../source/source.js";
import { type Assignment, readAssignments } from "./assignments.js";
import { type Call, readCalls } from "./calls.js";
import { type Import, readImports } from "./imports.js";
import { readProgram } from "./program.js";

export interface JavaScript {
  readonly imports: readonly Import[];
  readonly calls: readonly Call[];
  readonly assignments: readonly Assignment[];
}

/** Reads a file. It is never imported: what it would do then is its own affair. */
export function readJavaScript(source: Source): Read<JavaScript> {
  const program = readProgram(source);
  const value = {
    imports: readImports(program),
    calls: readCalls(program),
    assignments: readAssignments(program),
  };
  return { value, problems: [] };
}
