import type { HaproxyLine, HaproxyWord } from "../../read/haproxy.js";
import type { Source, Spot } from "../../source/source.js";
import { given, type Value } from "../../source/value.js";

/** A server of a backend. */
export interface HaproxyServer {
  /** Without its port; null where it is no literal. */
  readonly host: Value<string> | null;
  /** Of its name. */
  readonly spot: Spot;
  /** How many it stands for; null for a template, whose number changes. */
  readonly count: number | null;
  /** Its parameters, and those of the `default-server` lines before it, the nearest first. */
  readonly settings: readonly (readonly HaproxyWord[])[];
  readonly source: Source;
}

/** A parameter of a server. */
export interface Setting {
  /** The word behind it; undefined at the end of a line. */
  readonly value: HaproxyWord | undefined;
  /** Of the parameter and the word. */
  readonly spot: Spot;
}

/** Reads `server name host:port …` and `server-template prefix 3 host:port …`. */
export function readServer(
  { words }: HaproxyLine,
  source: Source,
  defaults: readonly (readonly HaproxyWord[])[],
): HaproxyServer | undefined {
  const isTemplate = words[0]?.text === "server-template";
  const [, name, ...rest] = words;
  const [address, ...settings] = isTemplate ? rest.slice(1) : rest;
  if (name === undefined || address === undefined) return undefined;
  return {
    host: readHost(address),
    spot: name.spot,
    count: isTemplate ? null : 1,
    settings: [settings, ...defaults],
    source,
  };
}

function readHost({ text, isLiteral, spot }: HaproxyWord): Value<string> | null {
  if (!isLiteral || text.includes("@")) return null;
  const host = /^\[.*\]/.exec(text)?.[0] ?? text.split(":")[0] ?? "";
  return host === "" ? null : given("server", host, spot);
}

/** A parameter of a server, its own before that of its defaults. */
export function settingOf({ settings, source }: HaproxyServer, name: string): Setting | undefined {
  for (const words of settings) {
    const at = words.findIndex(({ text }) => text === name);
    const word = words[at];
    if (word === undefined) continue;
    const value = words[at + 1];
    return { value, spot: source.spot(word.spot.start, (value ?? word).spot.end) };
  }
  return undefined;
}

/** Whether HAProxy asks for its health. */
export function isChecked({ settings }: HaproxyServer): boolean {
  const words = settings.map(
    (each) => each.findLast(({ text }) => text === "check" || text === "no-check")?.text,
  );
  return words.find((word) => word !== undefined) === "check";
}
