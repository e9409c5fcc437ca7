import type { Word } from "../../model/command.js";
import type { SystemdEntry } from "../../read/systemd.js";
import type { Source } from "../../source/source.js";

const WORD = /(?:"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|\\.|[^\s"'\\])+/gs;

/** The words of a command line of systemd's; undefined where they are several commands. No shell has a part in it. */
export function readExec({ value, valueSpot }: SystemdEntry, source: Source): Word[] | undefined {
  const found = [...value.matchAll(WORD)];
  if (found.some(([text]) => text === ";")) return undefined;
  return found.map((match, index) => {
    // `-`, `@`, `:`, `+`, `!` in front say how it is run.
    const raw = index === 0 ? match[0].replace(/^[-@:+!|]+/, "") : match[0];
    const start = valueSpot.start + match.index + match[0].length - raw.length;
    return { text: unquote(raw), spot: source.spot(start, start + raw.length) };
  });
}

function unquote(raw: string): string {
  return raw
    .replaceAll(
      /"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)'/gs,
      (_, double?: string, single?: string) => double ?? single ?? "",
    )
    .replaceAll(/\\(.)/gs, "$1");
}
