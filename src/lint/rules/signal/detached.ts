import type { ShellLink } from "../../chain/link.js";
import { baseName, MANAGERS, SERVERS } from "../../chain/names.js";
import type { ShellCommand } from "../../read/shell/parse.js";
import type { Rule } from "../rule.js";
import { listStarted } from "./started.js";

/** `signal/detached` */
export const detached: Rule = {
  id: "signal/detached",
  severity: "error",
  title: "the program runs in the background, and something else waits",
  cause:
    "What is signalled is what waits. It ends, or ignores the signal, and the program in the background is killed with its requests in flight.",
  next: "Run the program in the foreground, with `exec`; with PM2 `pm2-runtime` and a `kill_timeout` that is long enough.",
  *check(deployment) {
    for (const { workload, chain } of listStarted(deployment)) {
      for (const link of chain.links) {
        const background = link.kind === "shell" ? findBackground(link) : undefined;
        if (background === undefined) continue;
        const words = background.words.map(({ text }) => text).join(" ");
        yield { spot: link.spot, what: `${workload.name}: \`${words}\` is left in the background` };
      }
    }
  },
};

const WAITERS = new Set(["tail", "wait", "sleep", "cat", "tee"]);

/** Where a `trap` is set the shell does something about it. */
function findBackground({ script }: ShellLink): ShellCommand | undefined {
  const { commands, isUnderstood } = script;
  const last = commands.at(-1);
  if (!isUnderstood || last === undefined || commands.some((one) => nameOf(one) === "trap"))
    return undefined;
  const isPm2 =
    nameOf(last) === "pm2" && ["logs", "monit", "log"].includes(last.words[1]?.text ?? "");
  if (!isPm2 && !WAITERS.has(nameOf(last))) return undefined;
  return commands.find((one) => one !== last && one.depth === 0 && isLeftBehind(one));
}

function isLeftBehind(command: ShellCommand): boolean {
  const name = nameOf(command);
  if (command.next === "&") return SERVERS.has(name) || MANAGERS.has(name);
  const texts = command.words.map(({ text }) => text);
  return (
    ["pm2", "forever"].includes(name) && texts.includes("start") && !texts.includes("--no-daemon")
  );
}

function nameOf({ words }: ShellCommand): string {
  return baseName(words[0]?.text ?? "");
}
