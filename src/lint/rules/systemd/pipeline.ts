import { chainOf } from "../../chain/surroundings.js";
import { listServices } from "../../platforms/systemd/systemd.js";
import type { Rule } from "../rule.js";

/** `systemd/pipeline` */
export const pipeline: Rule = {
  id: "systemd/pipeline",
  severity: "warning",
  title: "what reads the program's output stops before the program does",
  cause:
    "systemd sends its signal to every process of the service. What stands behind the `|` ends at once, and the program, which drains, " +
    "writes into a pipe that nothing reads: its last lines are lost, and a program that does not expect that is ended by it.",
  next: "Start the program alone, and say where its output goes with `StandardOutput=` and `StandardError=`.",
  *check({ project }) {
    for (const { workload } of project.once(listServices)) {
      if (workload.signalled !== "all") continue;
      const shell = chainOf(project, workload)?.links.find((link) => link.kind === "shell");
      if (shell === undefined || shell.form !== "-c" || !shell.script.isUnderstood) continue;
      const { commands } = shell.script;
      const at = commands.findIndex(({ next }) => next === "|");
      const [writer, reader] = [commands[at], commands[at + 1]];
      const names = [writer, reader].map((command) => command?.words[0]?.text.split("/").at(-1));
      if (at === -1 || !/^(?:node|npm|npx|yarn|pnpm|tsx|bun)$/.test(names[0] ?? "")) continue;
      yield {
        spot: workload.command?.spot ?? workload.spot,
        what: `${names[0]} writes to ${names[1]}, and both are told to stop at once`,
      };
    }
  },
};
