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

/** What one file declares, before what it takes from others is put in. */
interface Declarations {
  readonly interfaces: readonly Declared[];
  readonly aliases: ReadonlyMap<string, string>;
  /** From the name that the file gives it to where it is from, and its name there. */
  readonly imports: ReadonlyMap<string, { readonly file: string; readonly name: string }>;
}

interface Declared {
  readonly name: string;
  /** The names of its type parameters. */
  readonly parameters: readonly string[];
  /** What it extends, and with which types; undefined where it extends nothing. */
  readonly base: { readonly name: string; readonly types: readonly string[] } | undefined;
  readonly own: readonly Member[];
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
    const declared = readFile(each);
    for (const { name } of declared.interfaces) {
      if (!interfaces.has(name)) interfaces.set(name, listMembers(each, name));
    }
    for (const [name, type] of declared.aliases) {
      if (!aliases.has(name)) aliases.set(name, type);
    }
    for (const imported of declared.imports.values()) {
      if (!files.includes(imported.file)) files.push(imported.file);
    }
  }
  return { interfaces, aliases };
}

/** The members of an interface, with those of what it extends; an own one counts before those. */
function listMembers(file: string, name: string): Member[] {
  const { interfaces, imports } = readFile(file);
  const declared = interfaces.find((each) => each.name === name);
  if (declared === undefined) return [];
  const { base, own } = declared;
  if (base === undefined) return [...own];
  const from = imports.get(base.name) ?? { file, name: base.name };
  const { parameters = [] } =
    readFile(from.file).interfaces.find((each) => each.name === from.name) ?? {};
  const inherited = listMembers(from.file, from.name)
    .filter((member) => !own.some((each) => each.name === member.name))
    .map((member) => ({ ...member, type: fill(member.type, parameters, base.types) }));
  return [...inherited, ...own];
}

/** A type with its parameters replaced by what they stand for. */
function fill(type: string, parameters: readonly string[], types: readonly string[]): string {
  return type.replaceAll(/\w+/g, (word) => types[parameters.indexOf(word)] ?? word);
}

const INTERFACE =
  /^(?:export )?interface (\w+)(?:<([^{>]*)>)?(?: extends (\w+)(?:<([^{>]*)>)?)? \{\n(.*?)^\}/gms;
const ALIAS = /^(?:export )?type (\w+) =(.*?);$/gms;
const IMPORT = /^(?:im|ex)port (?:type )?\{([^}]*)\} from "(\.[^"]+)\.js";$/gm;

function readFile(file: string): Declarations {
  const source = withoutComments(read(file));
  const interfaces = [...source.matchAll(INTERFACE)].map((match) => {
    const [, name = "", parameters, base, types, body = ""] = match;
    return {
      name,
      // `E extends Evidence = Evidence` is E.
      parameters: split(parameters).map((each) => each.replace(/ .*/, "")),
      base: base === undefined ? undefined : { name: base, types: split(types) },
      own: readMembers(body),
    };
  });
  const aliases = new Map(
    [...source.matchAll(ALIAS)].map(([, name = "", type = ""]) => [name, squeeze(type)]),
  );
  const imports = new Map(
    [...source.matchAll(IMPORT)].flatMap(([, names, from = ""]) =>
      split(names).map((each) => {
        const [name = "", as = name] = each.replace(/^type /, "").split(" as ");
        return [as, { name, file: path.posix.join(path.posix.dirname(file), `${from}.ts`) }];
      }),
    ),
  );
  return { interfaces, aliases, imports };
}

/** The parts of a list that commas separate. */
function split(list = ""): string[] {
  return list
    .split(",")
    .map((each) => each.trim())
    .filter((each) => each !== "");
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
