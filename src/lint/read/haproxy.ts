import type { Problem, Read, Source, Spot } from "../source/source.js";
import { Cursor } from "./cursor.js";

/** A section with its lines. */
export interface HaproxySection {
  readonly kind: string;
  readonly name: string | null;
  /** The `defaults` that it takes: a section of this file, or none. */
  readonly defaults: HaproxySection | null;
  readonly lines: readonly HaproxyLine[];
  /** Its first line. */
  readonly spot: Spot;
  /** With all of its lines. */
  readonly whole: Spot;
}

export interface HaproxyLine {
  readonly words: readonly HaproxyWord[];
  readonly spot: Spot;
}

export interface HaproxyWord {
  readonly text: string;
  /** Whether it is that whatever the environment is. */
  readonly isLiteral: boolean;
  readonly spot: Spot;
}

/** The sections of a file. */
export interface Haproxy {
  readonly sections: readonly HaproxySection[];
  /** Whether lines hold only under a condition (`.if`): then what holds is not known. */
  readonly isConditional: boolean;
}

const SECTIONS = new Set(
  (
    "global defaults frontend backend listen peers resolvers userlist mailers cache program http-errors ring " +
    "log-forward log-profile fcgi-app crt-store traces acme"
  ).split(" "),
);

/** Reads a configuration of HAProxy. */
export function readHaproxy(source: Source): Read<Haproxy> {
  const { lines, problems } = readLines(source);
  const sections: (HaproxySection & { lines: HaproxyLine[]; whole: Spot })[] = [];
  for (const line of lines) {
    const [kind, ...rest] = line.words.map(({ text }) => text);
    const section = sections.at(-1);
    if (kind !== undefined && SECTIONS.has(kind)) {
      const from = rest.indexOf("from");
      const name = from === 0 ? null : (rest[0] ?? null);
      const defaults = findDefaults(sections, kind, from === -1 ? undefined : rest[from + 1]);
      sections.push({ kind, name, defaults, lines: [], spot: line.spot, whole: line.spot });
    } else if (section === undefined) {
      if (!(kind ?? "").startsWith("."))
        problems.push({ spot: line.spot, what: "a line stands before all sections" });
    } else {
      section.lines.push(line);
      section.whole = source.spot(section.spot.start, line.spot.end);
    }
  }
  const isConditional = lines.some(({ words }) => words[0]?.text === ".if");
  return { value: { sections, isConditional }, problems };
}

/** Those that it names, or the last ones before it. `defaults` take others only by name. */
function findDefaults(
  before: readonly HaproxySection[],
  kind: string,
  named: string | undefined,
): HaproxySection | null {
  if (!["defaults", "frontend", "backend", "listen"].includes(kind)) return null;
  const all = before.filter((section) => section.kind === "defaults");
  if (named !== undefined) return all.findLast(({ name }) => name === named) ?? null;
  return kind === "defaults" ? null : (all.at(-1) ?? null);
}

function readLines(source: Source): { lines: HaproxyLine[]; problems: Problem[] } {
  const cursor = new Cursor(source.text);
  const lines: HaproxyLine[] = [];
  const problems: Problem[] = [];
  while (!cursor.isAtEnd) {
    const start = cursor.at;
    const words = readWords(cursor, source, problems);
    const end = words.at(-1)?.spot.end ?? start;
    if (words.length > 0)
      lines.push({ words, spot: source.spot(words[0]?.spot.start ?? start, end) });
    cursor.skipLine();
    cursor.skip();
  }
  return { lines, problems };
}

function readWords(cursor: Cursor, source: Source, problems: Problem[]): HaproxyWord[] {
  const words: HaproxyWord[] = [];
  for (;;) {
    cursor.skipWhile((char) => char === " " || char === "\t");
    if (cursor.isAtEnd || "#\r\n".includes(cursor.peek())) return words;
    words.push(readWord(cursor, source, problems));
  }
}

function readWord(cursor: Cursor, source: Source, problems: Problem[]): HaproxyWord {
  const start = cursor.at;
  let text = "";
  let isLiteral = true;
  let quote = "";
  while (!cursor.isAtEnd && !"\r\n".includes(cursor.peek())) {
    const char = cursor.peek();
    if (quote === "" && " \t#".includes(char)) break;
    cursor.skip();
    if (quote === "" && (char === '"' || char === "'")) quote = char;
    else if (char === quote) quote = "";
    else if (char === "\\" && quote !== "'") {
      text += "\r\n".includes(cursor.peek()) ? "" : cursor.peek();
      if (!"\r\n".includes(cursor.peek())) cursor.skip();
    } else {
      // Only there does HAProxy look for variables.
      if (char === "$" && quote === '"') isLiteral = false;
      text += char;
    }
  }
  const spot = source.spot(start, cursor.at);
  if (quote !== "") problems.push({ spot, what: "a quote has no end" });
  return { text, isLiteral, spot };
}
