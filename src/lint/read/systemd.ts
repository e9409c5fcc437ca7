import type { Problem, Read, Source, Spot } from "../source/source.js";
import { Cursor } from "./cursor.js";

/** The settings of a unit, or of a drop-in, in their order: a key may stand several times. */
export type SystemdUnit = readonly SystemdEntry[];

export interface SystemdEntry {
  /** `Service`. */
  readonly section: string;
  readonly key: string;
  /**
   * What stands behind the `=`, as it is written. Lines that are continued are one; what joins them is so many spaces
   * that each character stands as far from the beginning as in the file.
   */
  readonly value: string;
  /** Of the key and the value. */
  readonly spot: Spot;
  readonly valueSpot: Spot;
}

/** Reads a unit of systemd. */
export function readSystemd(source: Source): Read<SystemdUnit> {
  const cursor = new Cursor(source.text);
  const entries: SystemdEntry[] = [];
  const problems: Problem[] = [];
  let section: string | undefined;
  while (!cursor.isAtEnd) {
    cursor.skipWhile((char) => /\s/.test(char));
    const start = cursor.at;
    if (cursor.isAtEnd) break;
    if ("#;".includes(cursor.peek())) {
      cursor.skipLine();
      continue;
    }
    const text = readLogicalLine(cursor).trimEnd();
    const spot = source.spot(start, start + text.length);
    const heading = /^\[([^\]]*)\]$/.exec(text);
    const equals = text.indexOf("=");
    if (heading !== null) section = heading[1] ?? "";
    else if (equals === -1) problems.push({ spot, what: "a line has no `=`" });
    else if (section === undefined)
      problems.push({ spot, what: "a setting stands before all sections" });
    else entries.push(readEntry(source, section, { text, spot, equals }));
  }
  return { value: entries, problems };
}

function readEntry(
  source: Source,
  section: string,
  { text, spot, equals }: { text: string; spot: Spot; equals: number },
): SystemdEntry {
  const value = text.slice(equals + 1).trimStart();
  const end = spot.start + text.length;
  return {
    section,
    key: text.slice(0, equals).trimEnd(),
    value,
    spot,
    valueSpot: source.spot(end - value.length, end),
  };
}

/** A line with those that a backslash continues. Comments between them are left out. */
function readLogicalLine(cursor: Cursor): string {
  let text = "";
  for (;;) {
    const start = cursor.at;
    cursor.skipLine();
    const line = cursor.slice(start);
    const isContinued = line.endsWith("\\");
    text += isContinued ? `${line.slice(0, -1)} ` : line;
    if (!isContinued || cursor.isAtEnd) return text;
    text += skipBetween(cursor);
  }
}

/** The end of a line, and comments behind it, as spaces. */
function skipBetween(cursor: Cursor): string {
  const start = cursor.at;
  for (;;) {
    if (!cursor.take("\r\n")) cursor.skip();
    const line = cursor.at;
    cursor.skipWhile((char) => char === " " || char === "\t");
    const isComment = !cursor.isAtEnd && "#;".includes(cursor.peek());
    if (!isComment) {
      cursor.at = line;
      return " ".repeat(line - start);
    }
    cursor.skipLine();
    if (cursor.isAtEnd) return " ".repeat(cursor.at - start);
  }
}
