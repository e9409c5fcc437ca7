/** A line of the file. */
export interface Line {
  readonly text: string;
  readonly number: number;
}

/** Reads a file by the name a body gives it. Throws an Error, one sentence, when it cannot. */
export type IncludeFile = (name: string) => string;

export interface BodyContext {
  /** Its media type: it says how lines end. */
  readonly type: string;
  readonly expand: (line: Line, text: string) => string;
  readonly include: (line: Line, name: string) => string;
  /** Throws, for what is not done here. */
  readonly refuse: (line: Line) => never;
}

const INCLUDE = /^<(@?)[ \t]+(\S.*)$/u;

/** A request's body: its lines, with files in their places, up to what looks at the answer. */
export function readBody(lines: readonly Line[], context: BodyContext): string {
  const end = lines.findIndex(({ text }) => /^(?:>|<>)/u.test(text));
  const parts = (end === -1 ? lines : lines.slice(0, end)).map((line) => readLine(line, context));
  const text = parts.join(separatorOf(context.type));
  return text.replace(/^(?:[ \t]*\r?\n)+/u, "").replace(/\s+$/u, "");
}

/** A form's lines are joined, as both clients do; the parts of others have lines (RFC 2046 §5.1.1). */
function separatorOf(type: string): string {
  if (isForm(type)) return "";
  return type.startsWith("multipart/") ? "\r\n" : "\n";
}

function isForm(type: string): boolean {
  return type.startsWith("application/x-www-form-urlencoded");
}

function readLine(line: Line, { type, expand, include, refuse }: BodyContext): string {
  if (/^<[ \t]*\{%/u.test(line.text)) refuse(line);
  const [, mark, name] = INCLUDE.exec(line.text) ?? [];
  if (name === undefined) return expand(line, isForm(type) ? line.text.trim() : line.text);
  const text = include(line, expand(line, name.trim()));
  return mark === "@" ? expand(line, text) : text;
}
