/** One line of a .gitignore. */
interface Pattern {
  readonly expression: RegExp;
  readonly isNegated: boolean;
  readonly isOfFolders: boolean;
}

/** The patterns of a .gitignore, for paths that begin at its folder. */
export type IgnoreFile = readonly Pattern[];

// A pattern of more wild cards than these matches slowly, and no one writes it.
const MOST_STARS = 12;

/** Reads a .gitignore (gitignore(5)). A line that is no pattern is left out. */
export function readIgnoreFile(text: string): IgnoreFile {
  return text.split(/\r?\n/).flatMap((line) => toPattern(line) ?? []);
}

function toPattern(line: string): Pattern | undefined {
  const bare = line.replace(/(?<!\\)\s+$/, "");
  if (bare === "" || bare.startsWith("#")) return undefined;
  const isNegated = bare.startsWith("!");
  const pattern = (isNegated ? bare.slice(1) : bare).replace(/^\\(?=[#!])/, "");
  const isOfFolders = pattern.endsWith("/");
  const body = pattern.replace(/\/$/, "");
  if ((body.match(/\*/g)?.length ?? 0) > MOST_STARS) return undefined;
  // Without a slash before its end it matches at any depth.
  const isAnchored = body.includes("/");
  const prefix = isAnchored ? "^" : "^(?:.*/)?";
  try {
    const expression = new RegExp(`${prefix}${translate(body.replace(/^\//, ""))}$`);
    return { expression, isNegated, isOfFolders };
  } catch {
    return undefined;
  }
}

const PARTS = /\*\*\/|\/\*\*$|\*+|\?|\[!?[^\]]*\]|\\.|[^]/g;

function translate(glob: string): string {
  return glob.replaceAll(PARTS, (part) => {
    if (part === "**/") return "(?:.*/)?";
    if (part === "/**") return "/.*";
    if (part.startsWith("*")) return "[^/]*";
    if (part === "?") return "[^/]";
    if (part.startsWith("[") && part.length > 1) return part.replace(/^\[!/, "[^");
    const char = part.startsWith("\\") ? part.slice(1) : part;
    return char.replaceAll(/[$()*+.?[\\\]^{|}]/g, "\\$&");
  });
}

/** What a .gitignore says of a path that begins at its folder: undefined where it says nothing. */
export function isIgnored(file: IgnoreFile, path: string, isFolder: boolean): boolean | undefined {
  const last = file.findLast(
    ({ expression, isOfFolders }) => (isFolder || !isOfFolders) && expression.test(path),
  );
  return last === undefined ? undefined : !last.isNegated;
}

/** Whether a path matches one pattern of a .gitignore, or lies in a folder that does. */
export function matchesGlob(glob: string, path: string): boolean {
  const file = readIgnoreFile(glob);
  const parts = path.split("/");
  return parts.some(
    (_, at) => isIgnored(file, parts.slice(0, at + 1).join("/"), at < parts.length - 1) === true,
  );
}
