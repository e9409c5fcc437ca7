import path from "node:path";
import { read } from "../package/project.js";

/** A member of an interface, as its source says. */
export interface Member {
  readonly name: string;
  /** Its type, without line breaks. */
  readonly type: string;
  readonly isOptional: boolean;
}

export interface SourceTypes {
  readonly interfaces: ReadonlyMap<string, readonly Member[]>;
  readonly aliases: ReadonlyMap<string, string>;
}

/**
 * The interfaces and the type aliases of a source, and those of what it imports: types
 * are gone at run time. Of two with one name the nearer counts.
 */
export function readTypes(file: string): SourceTypes {
  const interfaces = new Map<string, readonly Member[]>();
  const aliases = new Map<string, string>();
  const files = [file];
  // Grows while it is read.
  for (const each of files) {
    const source = withoutComments(read(each));
    for (const [, name = "", body = ""] of source.matchAll(INTERFACE)) {
      if (!interfaces.has(name)) interfaces.set(name, readMembers(body));
    }
    for (const [, name = "", type = ""] of source.matchAll(ALIAS)) {
      if (!aliases.has(name)) aliases.set(name, squeeze(type));
    }
    for (const imported of listImports(each, source)) {
      if (!files.includes(imported)) files.push(imported);
    }
  }
  return { interfaces, aliases };
}

const INTERFACE = /^(?:export )?interface (\w+) \{\n(.*?)^\}/gms;
const ALIAS = /^(?:export )?type (\w+) =(.*?);$/gms;

function listImports(file: string, source: string): string[] {
  return [...source.matchAll(/ from "(\.[^"]+)\.js";$/gm)].map((match) =>
    path.posix.join(path.posix.dirname(file), `${match[1] ?? ""}.ts`),
  );
}

/** The words of a union of string literals. */
export function readWords(type: string): string[] {
  return [...type.matchAll(/"([^"]+)"/g)].map((match) => match[1] ?? "");
}

function withoutComments(source: string): string {
  return source.replaceAll(/\/\*.*?\*\//gs, "").replaceAll(/^\s*\/\/.*$/gm, "");
}

function readMembers(body: string): Member[] {
  return [...body.matchAll(/^ {2}(?:readonly )?(\w+)(\??):(.*?);$/gms)].map((match) => ({
    name: match[1] ?? "",
    type: squeeze(match[3] ?? ""),
    isOptional: match[2] === "?",
  }));
}

function squeeze(type: string): string {
  return type.replaceAll(/\s+/g, " ").trim().replace(/^\| /, "");
}
