// chain/: the processes from the one that the platform starts to the program: which stay, and which pass a signal on.
import type { Command, Word } from "../model/command.js";
import type { Chain, InitLink, Link, Program, Surroundings } from "./link.js";
import { findScript } from "./managers.js";
import { baseName, MANAGERS, OWN_WORDS, RUNNERS, SHELLS, TRANSPARENT } from "./names.js";
import { readNodeWords } from "./node.js";
import { readShell, type Opened } from "./shells.js";

// A script that starts itself would go round for ever.
const DEEPEST = 12;

/** Follows a command to its program. */
export function followCommand(command: Command, surroundings: Surroundings): Chain {
  const { words, isShell } = command;
  if (!isShell) return follow(words, surroundings, 0);
  const [word] = words;
  if (word === undefined) return NOTHING;
  const opened = readShell(
    word,
    { name: "sh", spot: word.spot, form: "shell form", rest: [] },
    surroundings,
  );
  return continueIn(opened, surroundings, 0);
}

const NOTHING: Chain = { links: [], program: null };

function follow(all: readonly Word[], surroundings: Surroundings, depth: number): Chain {
  const words = skipTransparent(all);
  const [first] = words;
  if (first === undefined || depth > DEEPEST) return NOTHING;
  const name = baseName(first.text);
  const init = readInit(name, words);
  if (init !== undefined) return put(init.link, follow(init.rest, surroundings, depth + 1));
  if (SHELLS.has(name) || isScriptFile(first, surroundings)) {
    const opened = openShell(words, surroundings);
    return opened === undefined ? NOTHING : continueIn(opened, surroundings, depth);
  }
  if (MANAGERS.has(name) || (name === "bun" && words[1]?.text === "run")) {
    return followManager(words, surroundings, depth);
  }
  if (RUNNERS.has(name) || isDevelopmentServer(name, words)) {
    return { links: [{ kind: "runner", name, spot: first.spot, words }], program: null };
  }
  return { links: [], program: toProgram(name, words, false) };
}

function put(link: Link, { links, program }: Chain): Chain {
  return { links: [link, ...links], program };
}

function followManager(words: readonly Word[], surroundings: Surroundings, depth: number): Chain {
  const found = findScript(words, surroundings);
  if (found === undefined) return NOTHING;
  const { link, script, rest } = found;
  if (script === null) return put(link, follow(rest, surroundings, depth + 1));
  const opened = readShell(
    script,
    { name: "sh", spot: script.spot, form: "script", rest: [] },
    surroundings,
  );
  return put(link, continueIn(opened, surroundings, depth));
}

function continueIn(
  { link, last, isDetached }: Opened,
  surroundings: Surroundings,
  depth: number,
): Chain {
  if (last === null) return { links: [link], program: null };
  const inner = follow(last, surroundings, depth + 1);
  const program =
    inner.program === null
      ? null
      : { ...inner.program, isDetached: isDetached || inner.program.isDetached };
  return { links: [link, ...inner.links], program };
}

/** `env A=b`, `gosu node`, the entrypoint of the official images. */
function skipTransparent(words: readonly Word[]): readonly Word[] {
  const [first, ...rest] = words;
  if (first === undefined) return words;
  if (/^\w+=/.test(first.text)) return skipTransparent(rest);
  const name = baseName(first.text);
  if (!TRANSPARENT.has(name)) return words;
  const flags = rest.findIndex(({ text }) => !text.startsWith("-"));
  const behind = rest.slice(flags === -1 ? rest.length : flags).slice(OWN_WORDS.get(name) ?? 0);
  // `docker-entrypoint.sh` alone is a server of its own, such as a database's.
  return behind.length === 0 ? words : skipTransparent(behind);
}

/** Flags of tini and dumb-init that take the next word. */
const INIT_VALUES = new Set(["-p", "-e", "--rewrite", "-r"]);

function readInit(
  name: string,
  words: readonly Word[],
): { link: InitLink; rest: readonly Word[] } | undefined {
  const isTini = ["tini", "tini-static", "docker-init", "catatonit"].includes(name);
  if (!isTini && name !== "dumb-init") return undefined;
  let at = 1;
  while (words[at]?.text.startsWith("-") === true && words[at]?.text !== "--") {
    at += INIT_VALUES.has(words[at]?.text ?? "") ? 2 : 1;
  }
  const flags = words.slice(1, at);
  if (words[at]?.text === "--") at += 1;
  const has = (...names: string[]): boolean => flags.some(({ text }) => names.includes(text));
  const isGroup = isTini
    ? flags.some(({ text }) => /^-[a-z]*g/.test(text))
    : !has("-c", "--single-child");
  const [first] = words;
  if (first === undefined) return undefined;
  return {
    link: {
      kind: "init",
      name,
      spot: first.spot,
      signals: isGroup ? "group" : "child",
      words: flags,
    },
    rest: words.slice(at),
  };
}

function isScriptFile({ text }: Word, { readFile }: Surroundings): boolean {
  const looksSo =
    /\.(?:sh|bash)$/.test(text) || /(?:^|\/)(?:docker-)?entrypoint[\w.-]*$/.test(text);
  return looksSo && readFile(text) !== undefined;
}

/** `sh -c '…'`, `bash -ec '…'`, `sh script.sh`, `/entrypoint.sh`. */
function openShell(words: readonly Word[], surroundings: Surroundings): Opened | undefined {
  const [first] = words;
  if (first === undefined) return undefined;
  const name = baseName(first.text);
  if (!SHELLS.has(name)) return openFile(first, words.slice(1), surroundings);
  const at = words.findIndex(({ text }, index) => index > 0 && !/^[-+]/.test(text));
  const flags = words.slice(1, at === -1 ? words.length : at).map(({ text }) => text);
  const operand = at === -1 ? undefined : words[at];
  if (operand === undefined) return undefined;
  // `bash -o pipefail -c` has a word between: too rare to follow.
  if (flags.some((flag) => /^-[a-z]*o$/.test(flag))) return undefined;
  const rest = words.slice(at + 1);
  if (flags.some((flag) => /^-[a-z]*c[a-z]*$/.test(flag))) {
    return readShell(
      operand,
      { name, spot: first.spot, form: "-c", rest: rest.slice(1) },
      surroundings,
    );
  }
  return openFile(operand, rest, surroundings);
}

function openFile(
  word: Word,
  rest: readonly Word[],
  surroundings: Surroundings,
): Opened | undefined {
  const source = surroundings.readFile(word.text);
  if (source === undefined) return undefined;
  const [, named] = /^#!\s*(?:\/usr\/bin\/env\s+(?:-S\s+)?)?(\S+)/.exec(source.text) ?? [];
  const name = named === undefined ? "sh" : baseName(named);
  if (!SHELLS.has(name)) return undefined;
  const script = { text: source.text, spot: source.spot(0, source.text.length) };
  return readShell(script, { name, spot: word.spot, form: "file", rest }, surroundings, source);
}

function isDevelopmentServer(name: string, words: readonly Word[]): boolean {
  const second = words[1]?.text;
  // Next.js takes its development server where no command is named.
  if (name === "next" && (second === undefined || second.startsWith("-"))) return true;
  if (name === "next" || name === "nuxt" || name === "astro" || name === "remix")
    return second === "dev";
  if (name === "nest") return words.some(({ text }) => text === "--watch" || text === "-w");
  return (
    (name === "tsx" && second === "watch") ||
    (name === "node" && readNodeWords(words.slice(1)).isWatching)
  );
}

function toProgram(name: string, words: readonly Word[], isDetached: boolean): Program | null {
  const [first] = words;
  if (first === undefined || first.text === "" || first.text.includes("$")) return null;
  const isNode = ["node", "nodejs", "tsx", "ts-node"].includes(name);
  const entry = isNode ? readNodeWords(words.slice(1)).entry : null;
  return { name: name === "nodejs" ? "node" : name, words, spot: first.spot, entry, isDetached };
}
