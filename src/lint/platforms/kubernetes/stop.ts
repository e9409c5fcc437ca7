import { parseShell } from "../../read/shell/parse.js";
import type { Spot } from "../../source/source.js";
import { at, itemsOf, numberOf, textOf, type Tree } from "../../source/tree.js";
import { given, usual, type Value } from "../../source/value.js";

/** What a container does before its signal. */
export interface PreStop {
  readonly kind: "none" | "sleep" | "exec" | "http" | "unknown";
  /** At least so long; null where nothing is known of it. */
  readonly time: Value<number> | null;
  /** The words of an exec action. */
  readonly words: readonly { readonly text: string; readonly spot: Spot }[];
  readonly spot: Spot;
}

/** Reads `lifecycle.preStop`; `name` is where one would be added. */
export function readPreStop(container: Tree, name: Spot): PreStop {
  const hook = at(container, "lifecycle", "preStop");
  if (hook === undefined || (hook.kind === "scalar" && hook.value === null)) {
    return { kind: "none", time: usual("preStop", 0, name), words: [], spot: name };
  }
  const { spot } = hook;
  const seconds = at(hook, "sleep", "seconds");
  if (seconds !== undefined) {
    const value = numberOf(seconds);
    const time = value === undefined ? null : given("preStop.sleep", value * 1_000, seconds.spot);
    return { kind: "sleep", time, words: [], spot: seconds.spot };
  }
  const command = at(hook, "exec", "command");
  if (command !== undefined) {
    const words = itemsOf(command).map((word) => ({
      text: textOf(word) ?? String(numberOf(word) ?? ""),
      spot: word.spot,
    }));
    return { kind: "exec", time: readSleep(words), words, spot: command.spot };
  }
  return {
    kind: at(hook, "httpGet") === undefined ? "unknown" : "http",
    time: null,
    words: [],
    spot,
  };
}

type Words = PreStop["words"];

/** The sum of its literal sleeps: what else it runs takes time on top. */
function readSleep(words: Words): Value<number> | null {
  const texts = words.map(({ text }) => text);
  const last = words.at(-1);
  if (last === undefined) return null;
  if (isSleep(texts[0])) {
    const time = sumTimes(texts.slice(1));
    const spot = words[1]?.spot ?? last.spot;
    return time === null ? null : given("preStop sleep", time, spot);
  }
  const isShell =
    /(?:^|\/)(?:sh|bash|ash|dash)$/.test(texts[0] ?? "") && /^-[a-z]*c$/.test(texts.at(-2) ?? "");
  const script = isShell ? parseShell(last.text) : undefined;
  if (script === undefined || !script.isUnderstood) return null;
  const times = script.commands
    .filter(({ words: own, depth }) => depth === 0 && isSleep(own[0]?.text))
    .map(({ words: own }) =>
      own.every(({ isLiteral }) => isLiteral)
        ? sumTimes(own.slice(1).map(({ text }) => text))
        : null,
    );
  if (times.length === 0 || times.includes(null)) return null;
  return given(
    "preStop sleep",
    times.reduce<number>((sum, time) => sum + (time ?? 0), 0),
    last.spot,
  );
}

function isSleep(word: string | undefined): boolean {
  return /^(?:\/(?:usr\/)?bin\/)?sleep$/.test(word ?? "");
}

const UNITS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000 };

/** sleep(1) adds its arguments up. */
function sumTimes(texts: readonly string[]): number | null {
  let sum = 0;
  for (const text of texts) {
    const [, number, unit = "s"] = /^(\d+(?:\.\d+)?)([smh]?)$/.exec(text) ?? [];
    if (number === undefined) return null;
    sum += Number(number) * (UNITS[unit || "s"] ?? 1_000);
  }
  return texts.length === 0 ? null : sum;
}
