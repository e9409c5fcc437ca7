import { listStarted } from "../signal/started.js";
import type { Rule } from "../rule.js";

/** `docker/exit-code-remapped` */
export const exitCodeRemapped: Rule = {
  id: "docker/exit-code-remapped",
  severity: "info",
  title: "the init turns the exit code of a killed program into 0",
  cause:
    "143 says that SIGTERM ended the program, 137 that SIGKILL did. With `tini -e` both look like an orderly stop, to whatever watches exit codes.",
  next: "Take `-e` out: a program that stops in order exits with 0 by itself.",
  *check(deployment) {
    for (const { workload, chain } of listStarted(deployment)) {
      for (const link of chain.links) {
        if (link.kind !== "init") continue;
        const at = link.words.findIndex(({ text }) => text === "-e");
        const code = link.words[at + 1];
        if (at === -1 || code === undefined || !["143", "137"].includes(code.text)) continue;
        yield { spot: code.spot, what: `${workload.name}: ${link.name} -e ${code.text}` };
      }
    }
  },
};
