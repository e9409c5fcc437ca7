import type { Source, Spot } from "../../source/source.js";

/** One instruction with its continuation lines joined, and for each of its characters the offset that it has in the file. */
export interface Logical {
  readonly text: string;
  readonly offsets: readonly number[];
  readonly start: number;
  /** Behind its last line, here-documents included. */
  readonly end: number;
  readonly heredocs: readonly string[];
}

interface Physical {
  readonly text: string;
  readonly start: number;
}

/** The spot of a part of a joined text. */
export function spotIn(
  source: Source,
  { text, offsets, end }: Logical,
  from: number,
  to: number,
): Spot {
  const first = offsets[from] ?? end;
  const last = to > from ? (offsets[Math.min(to, text.length) - 1] ?? end - 1) + 1 : first;
  return source.spot(first, last);
}

/** Joins what belongs together. Comments and empty lines between continuation lines are dropped, as Docker drops them. */
export function joinLines(source: Source): Logical[] {
  const lines = listLines(source.text);
  const escape = findEscape(lines);
  const joined: Logical[] = [];
  let at = 0;
  while (at < lines.length) {
    const first = lines[at];
    if (first === undefined) break;
    if (isBlank(first.text)) {
      at += 1;
      continue;
    }
    const [logical, next] = joinFrom(lines, at, escape);
    joined.push(logical);
    at = next;
  }
  return joined;
}

function listLines(text: string): Physical[] {
  const lines: Physical[] = [];
  let start = 0;
  for (const line of text.split("\n")) {
    lines.push({ text: line.replace(/\r$/, ""), start });
    start += line.length + 1;
  }
  return lines;
}

/** `# escape=\``: a directive counts only before everything else. */
function findEscape(lines: readonly Physical[]): string {
  for (const { text } of lines) {
    const [, name = "", value = ""] = /^\s*#\s*(\w+)\s*=\s*(\S+)\s*$/.exec(text) ?? [];
    if (name === "") return "\\";
    if (name.toLowerCase() === "escape") return value === "`" ? "`" : "\\";
  }
  return "\\";
}

function isBlank(text: string): boolean {
  return /^\s*(?:#|$)/.test(text);
}

function joinFrom(lines: readonly Physical[], from: number, escape: string): [Logical, number] {
  let text = "";
  const offsets: number[] = [];
  let at = from;
  let end = 0;
  for (; at < lines.length; at += 1) {
    const line = lines[at];
    if (line === undefined) break;
    if (at > from && isBlank(line.text)) continue;
    const trimmed = line.text.trimEnd();
    const isContinued = trimmed.endsWith(escape);
    const part = isContinued ? trimmed.slice(0, -1) : line.text;
    for (let index = 0; index < part.length; index += 1) offsets.push(line.start + index);
    text += part;
    end = line.start + line.text.length;
    if (!isContinued) {
      at += 1;
      break;
    }
  }
  const start = lines[from]?.start ?? 0;
  const { bodies, next } = takeHeredocs(lines, at, text);
  const last = next > at ? lines[next - 1] : undefined;
  const behind = last === undefined ? end : last.start + last.text.length;
  return [{ text, offsets, start, end: behind, heredocs: bodies }, next];
}

const HEREDOC = /<<(-?)(["']?)([A-Za-z_][\w.]*)\2/g;

/** Only RUN, COPY and ADD take them. */
function takeHeredocs(
  lines: readonly Physical[],
  from: number,
  text: string,
): { bodies: string[]; next: number } {
  const bodies: string[] = [];
  let next = from;
  if (!/^\s*(?:RUN|COPY|ADD)\s/i.test(text)) return { bodies, next };
  for (const [, dash, , name] of text.matchAll(HEREDOC)) {
    const body: string[] = [];
    const isEnd = (line: string): boolean =>
      (dash === "-" ? line.replace(/^\t+/, "") : line) === name;
    while (next < lines.length && !isEnd(lines[next]?.text ?? "")) {
      body.push(lines[next]?.text ?? "");
      next += 1;
    }
    next = Math.min(next + 1, lines.length);
    bodies.push(body.join("\n"));
  }
  return { bodies, next };
}
