import type { Source, Spot } from "../../source/source.js";
import { spotIn, type Logical } from "./lines.js";

/** A word of an instruction. */
export interface DockerWord {
  readonly text: string;
  readonly spot: Spot;
}

/** Words between blanks, from an offset in the joined text on; quotes stay. */
export function splitWords(source: Source, logical: Logical, from: number): DockerWord[] {
  const pattern = /(?:"(?:[^"\\]|\\.)*"|'[^']*'|[^\s"']|["'])+/g;
  const words = logical.text.slice(from).matchAll(pattern);
  return [...words].map((match) => {
    const start = from + match.index;
    return { text: match[0], spot: spotIn(source, logical, start, start + match[0].length) };
  });
}

/** The exec form: its words, or why Docker does not take it for one. */
export type ExecForm =
  | { readonly words: readonly DockerWord[]; readonly why: null }
  | { readonly words: null; readonly why: string };

/** Reads what begins with a bracket. Docker takes it for the exec form only where it is a JSON array of strings. */
export function readExecForm(source: Source, logical: Logical, from: number): ExecForm {
  const text = logical.text.slice(from).trimEnd();
  try {
    const value: unknown = JSON.parse(text);
    if (!Array.isArray(value) || value.some((word) => typeof word !== "string")) {
      return { words: null, why: "a word of it is no string" };
    }
  } catch {
    return { words: null, why: explain(text) };
  }
  const strings = [...text.matchAll(/"(?:[^"\\]|\\.)*"/g)];
  const words = strings.map((match) => {
    const start = from + match.index;
    const spot = spotIn(source, logical, start, start + match[0].length);
    return { text: JSON.parse(match[0]) as string, spot };
  });
  return { words, why: null };
}

function explain(text: string): string {
  const bare = text.replaceAll(/"(?:[^"\\]|\\.)*"/g, '""');
  if (bare.includes("'")) return "JSON has double quotes only";
  if (/[“”„]/.test(bare)) return "its quotes are typographic ones";
  if (/,\s*\]/.test(bare)) return "a comma stands before the bracket that closes it";
  if (!bare.trimEnd().endsWith("]")) {
    return bare.includes("]")
      ? "something follows the bracket that closes it"
      : "the bracket is not closed";
  }
  if (/""\s*""/.test(bare)) return "a comma is missing";
  if (/[^\s",[\]]/.test(bare)) return "a word of it is not in quotes";
  return "it is not JSON";
}
