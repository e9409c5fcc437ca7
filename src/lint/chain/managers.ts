import type { Word } from "../model/command.js";
import type { ManagerLink, Surroundings } from "./link.js";
import { baseName } from "./names.js";

/** What a package manager starts: a script of the package, or words of its own. */
export interface Started {
  readonly link: ManagerLink;
  readonly script: Word | null;
  readonly rest: readonly Word[];
}

/** Flags that take the next word. */
const TAKES_WORD = new Set([
  "--prefix",
  "--cwd",
  "-C",
  "--dir",
  "-w",
  "--workspace",
  "--filter",
  "-F",
  "--loglevel",
  "-p",
  "--package",
  "--scripts-prepend-node-path",
]);
/** Flags that name another package: its scripts are elsewhere. */
const ELSEWHERE = /^(?:--prefix|--cwd|-C|--dir|-w|--workspace|--filter|-F)(?:=|$)/;
/** Commands of their own: nothing is served by them. */
const OWN = new Set([
  "install",
  "i",
  "ci",
  "add",
  "build",
  "test",
  "t",
  "publish",
  "pack",
  "config",
  "set",
  "cache",
  "--version",
  "-v",
  "version",
  "audit",
  "prune",
  "rebuild",
  "exec",
  "x",
  "dlx",
  "node",
  "workspace",
  "workspaces",
  "prepare",
  "enable",
]);

/** Reads `npm start`, `npm run serve`, `yarn serve`, `pnpm run start -- --port 80`, `npx tsx server.ts`. */
export function findScript(
  words: readonly Word[],
  surroundings: Surroundings,
): Started | undefined {
  const [first, ...rest] = words;
  if (first === undefined) return undefined;
  const name = toName(baseName(first.text));
  const { operands, isElsewhere } = listOperands(rest);
  const [verb, object] = operands;
  if (verb === undefined) return undefined;
  const link = (script: string | null): ManagerLink => ({
    kind: "package-manager",
    name,
    spot: first.spot,
    script,
  });
  if (name === "corepack") return findScript(operands, surroundings);
  const isExec = name === "npx" || ["exec", "x", "dlx", "node"].includes(verb.text);
  if (isExec) {
    const own = name === "npx" || verb.text === "node" ? operands : operands.slice(1);
    return { link: link(null), script: null, rest: own.filter(({ text }) => text !== "--") };
  }
  const script = ["run", "run-script"].includes(verb.text) ? object : verb;
  if (script === undefined || (script === verb && OWN.has(verb.text))) return undefined;
  if (name === "npm" && script === verb && verb.text !== "start") return undefined;
  const text = isElsewhere ? undefined : surroundings.readScript(script.text);
  return { link: link(script.text), script: text ?? null, rest: [] };
}

function toName(name: string): ManagerLink["name"] {
  if (name === "pnpx") return "pnpm";
  if (name === "bunx") return "bun";
  return name as ManagerLink["name"];
}

function listOperands(words: readonly Word[]): { operands: readonly Word[]; isElsewhere: boolean } {
  let isElsewhere = false;
  let at = 0;
  for (; at < words.length; at += 1) {
    const text = words[at]?.text ?? "";
    if (!text.startsWith("-")) break;
    if (ELSEWHERE.test(text)) isElsewhere = true;
    if (TAKES_WORD.has(text)) at += 1;
  }
  const operands = words
    .slice(at)
    .filter(
      ({ text }, index) => index === 0 || !/^(?:--silent|-s|--if-present|--quiet)$/.test(text),
    );
  return { operands, isElsewhere };
}
