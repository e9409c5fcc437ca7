import { parseShell } from "../../read/shell/parse.js";
import type { Rule } from "../rule.js";
import { listTied, type Tied } from "./containers.js";

/** `k8s/prestop-signals` */
export const prestopSignals: Rule = {
  id: "k8s/prestop-signals",
  severity: "warning",
  title: "the preStop hook signals the program, and the kubelet signals it once more",
  cause:
    "The program begins to stop in the hook, and gets SIGTERM when the hook is over. Many programs, and lastcall, take a second signal for an order to leave at " +
    "once: what is still in flight then is cut.",
  next: "Leave the signal to the kubelet: keep the `sleep`, and take the `kill` out.",
  *check(deployment) {
    for (const tied of listTied(deployment)) {
      const command = findSignal(tied);
      if (command === undefined) continue;
      const { preStop, workload } = tied;
      const severity = (workload.application?.lastcall ?? null) === null ? "warning" : "error";
      yield {
        spot: preStop.words.at(-1)?.spot ?? preStop.spot,
        severity,
        what: `${workload.name}: the hook runs \`${command}\``,
      };
    }
  },
};

/** A hook that waits for the end of what it has signalled is a way to stop, and the second signal finds nothing. */
function findSignal({ preStop }: Tied): string | undefined {
  const texts = preStop.words.map(({ text }) => text);
  if (isSignal(texts)) return texts.join(" ");
  const isShell = /(?:^|\/)(?:sh|bash|ash)$/.test(texts[0] ?? "");
  const script = isShell ? parseShell(texts.at(-1) ?? "") : undefined;
  if (
    script === undefined ||
    !script.isUnderstood ||
    script.commands.some(({ depth }) => depth > 0)
  )
    return undefined;
  const found = script.commands.find(({ words }) => isSignal(words.map(({ text }) => text)));
  return found?.words.map(({ text }) => text).join(" ");
}

const NODE = /^(?:node|nodejs)$/;

function isSignal([name = "", ...rest]: readonly string[]): boolean {
  const program = name.split("/").at(-1) ?? "";
  // `kill -0` asks, and other signals than these have other meanings: SIGQUIT stops nginx well.
  const isOther = rest.some((text) =>
    /^-(?:0|s0|USR[12]|SIGUSR[12]|HUP|SIGHUP|QUIT|SIGQUIT|WINCH)$/.test(text),
  );
  if (program === "kill") return rest.at(-1) === "1" && !isOther;
  if (program === "pkill" || program === "killall")
    return rest.some((text) => NODE.test(text)) && !isOther;
  return program === "pm2" && ["stop", "kill", "delete"].includes(rest[0] ?? "");
}
