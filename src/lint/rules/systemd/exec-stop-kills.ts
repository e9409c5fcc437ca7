import { isNodeService } from "../../platforms/systemd/is-node.js";
import { listServices } from "../../platforms/systemd/systemd.js";
import type { Rule } from "../rule.js";

const KILLS: readonly (readonly [pattern: RegExp, what: string])[] = [
  [/\bkill\b.*\s-(?:9|KILL|SIGKILL)\b|\bkill\b.*\s-s\s*(?:9|KILL|SIGKILL)\b/, "sends SIGKILL"],
  [
    /\b(?:docker|podman)\s+(?:container\s+)?kill\b(?!.*(?:-s|--signal)[= ]?(?:SIG)?(?!KILL|9)\w)/,
    "kills the container",
  ],
  [/\b(?:killall|pkill)\b.*\bnode(?:js)?\b/, "signals every node of the machine"],
];

/** `systemd/exec-stop-kills` */
export const execStopKills: Rule = {
  id: "systemd/exec-stop-kills",
  severity: "error",
  title: "ExecStop kills the program before systemd asks it to stop",
  cause:
    "systemd runs `ExecStop` first, and sends its own signal to what is left. A program that is killed there drains nothing: its requests in flight are cut.",
  next: "Remove `ExecStop`, and let systemd send its signal; of a container, `docker stop -t 30`.",
  *check({ project }) {
    for (const { unit, workload } of project.once(listServices)) {
      for (const entry of unit.all("ExecStop")) {
        const found = KILLS.find(([pattern]) => pattern.test(entry.value));
        if (found === undefined) continue;
        const isContainer = /\b(?:docker|podman)\b/.test(entry.value);
        if (!isContainer && !isNodeService(project, workload)) continue;
        yield {
          spot: entry.valueSpot,
          what: `ExecStop ${found[1]}, and comes before systemd's own signal`,
        };
      }
    }
  },
};
