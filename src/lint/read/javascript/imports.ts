import type { Spot } from "../../source/source.js";
import { type Program, stringAt, wordAt } from "./program.js";

/** A module that a file loads. */
export interface Import {
  /** Null where it is no literal. */
  readonly specifier: string | null;
  /** Of the specifier, or of what stands in its place. */
  readonly spot: Spot;
  readonly bindings: readonly Binding[];
  /** Whether it is gone when the program runs. */
  readonly isTypeOnly: boolean;
}

/** What of the module has which name here. */
interface Binding {
  /** `default`, `*` for the whole module, or the export's name. */
  readonly imported: string;
  readonly local: string;
}

/** Everything that is imported: `import`, `export … from`, `import()`, `require()`, `import x = require()`. */
export function readImports(program: Program): Import[] {
  return program.tokens.flatMap(({ kind, text }, index) => {
    if (kind !== "name" || [".", "?."].includes(wordAt(program, index - 1) ?? "")) return [];
    if (text === "require" || text === "import") {
      if (wordAt(program, index + 1) === "(") return [readLoad(program, index)];
    }
    return text === "import" || text === "export" ? readStatement(program, index) : [];
  });
}

/** `require("x")` and `import("x")`, with what they are bound to. */
function readLoad(program: Program, index: number): Import {
  const specifier = wordAt(program, index + 3) === ")" ? stringAt(program, index + 2) : undefined;
  let before = index - 1;
  if (wordAt(program, before) === "await") before -= 1;
  const isBound = wordAt(program, before) === "=";
  return {
    specifier: specifier ?? null,
    spot: spotOf(program, index + 2),
    bindings: isBound ? readTarget(program, before - 1, membersBehind(program, index)) : [],
    isTypeOnly: false,
  };
}

/** `lastcall` of `require("lastcall").lastcall`; undefined where the whole module is taken. */
function membersBehind(program: Program, index: number): string | undefined {
  const close = program.pairs.get(index + 1) ?? index;
  if (wordAt(program, close + 1) !== ".") return undefined;
  return wordAt(program, close + 2);
}

/** What stands before the `=`: a name, or names in braces. */
function readTarget(program: Program, last: number, member: string | undefined): Binding[] {
  if (wordAt(program, last) === "}") {
    const open = [...program.pairs].find(([, close]) => close === last)?.[0];
    return open === undefined || member !== undefined ? [] : readNames(program, open + 1, ":");
  }
  const token = program.tokens[last];
  return token?.kind === "name" ? [{ imported: member ?? "*", local: token.text }] : [];
}

/** `import a, { b as c } from "x"`, `import * as d from "x"`, `import "x"`, `export * from "x"`. */
function readStatement(program: Program, index: number): Import[] {
  const isTypeOnly = wordAt(program, index + 1) === "type" && wordAt(program, index + 2) !== "from";
  const bindings: Binding[] = [];
  let at = isTypeOnly ? index + 2 : index + 1;
  if (wordAt(program, index) === "import") {
    const token = program.tokens[at];
    if (stringAt(program, at) !== undefined) {
      return [
        {
          specifier: stringAt(program, at) ?? null,
          spot: spotOf(program, at),
          bindings,
          isTypeOnly,
        },
      ];
    }
    if (token?.kind === "name" && token.text !== "from") {
      bindings.push({ imported: "default", local: token.text });
      at += 1;
      if (wordAt(program, at) === ",") at += 1;
    }
  }
  if (wordAt(program, at) === "*") {
    const local = wordAt(program, at + 1) === "as" ? wordAt(program, at + 2) : undefined;
    if (local !== undefined) bindings.push({ imported: "*", local });
    at += local === undefined ? 1 : 3;
  } else if (wordAt(program, at) === "{") {
    bindings.push(...readNames(program, at + 1, "as"));
    at = (program.pairs.get(at) ?? at) + 1;
  }
  const specifier = wordAt(program, at) === "from" ? stringAt(program, at + 1) : undefined;
  return specifier === undefined
    ? []
    : [{ specifier, spot: spotOf(program, at + 1), bindings, isTypeOnly }];
}

/** `a, b as c` of an import, `a, b: c` of a pattern. */
function readNames(program: Program, first: number, joint: "as" | ":"): Binding[] {
  const bindings: Binding[] = [];
  const end = program.pairs.get(first - 1) ?? first;
  let at = first;
  while (at < end) {
    if (
      wordAt(program, at) === "type" &&
      program.tokens[at + 1]?.kind === "name" &&
      wordAt(program, at + 1) !== "as"
    )
      at += 1;
    const imported = stringAt(program, at) ?? wordAt(program, at);
    const isRenamed = wordAt(program, at + 1) === joint;
    const local = isRenamed ? wordAt(program, at + 2) : imported;
    if (imported !== undefined && local !== undefined && /^[\p{L}_$]/u.test(local))
      bindings.push({ imported, local });
    while (at < end && wordAt(program, at) !== ",") at = (program.pairs.get(at) ?? at) + 1;
    at += 1;
  }
  return bindings;
}

function spotOf({ source, tokens }: Program, index: number): Spot {
  const token = tokens[index];
  return token === undefined
    ? source.spot(source.text.length)
    : source.spot(token.start, token.end);
}
