import type { Application } from "../../model/application.js";
import type { Workload } from "../../model/workload.js";
import { listApps } from "../../platforms/pm2/pm2.js";
import { at } from "../../source/tree.js";
import { sayTime } from "../../source/value.js";
import type { Rule } from "../rule.js";
import { listContained } from "./containers.js";
import { findTied } from "./tied.js";

const LEAST = 3_000;
const KILL_TIMEOUT = 1_600;

/** `pm2/kill-timeout-short` */
export const killTimeoutShort: Rule = {
  id: "pm2/kill-timeout-short",
  severity: "warning",
  title: "PM2 kills the program after less than three seconds",
  cause:
    "PM2 sends SIGINT and, when `kill_timeout` is over, SIGKILL. Its default of 1,600 ms is less than most requests with a database behind them may take under load, and less than any stop in order needs.",
  next: "Set `kill_timeout` to what the program's stop may take, in milliseconds.",
  *check(deployment) {
    for (const { source, tree, workload } of deployment.project.once(listApps)) {
      const { grant } = workload;
      if (!mayDrain(workload, findTied(deployment, workload)?.application ?? null)) continue;
      const written = at(tree, "kill_timeout");
      if (grant === null) {
        const isOfEnvironment =
          written !== undefined && source.at(written.spot).includes("process.env");
        if (!isOfEnvironment) continue;
        yield {
          spot: written.spot,
          what: `${workload.name}: kill_timeout comes from the environment`,
          severity: "info",
        };
      } else if (grant.value < LEAST) {
        const value = `kill_timeout ${sayTime(grant.value)}${grant.isExplicit ? "" : " (default)"}`;
        yield {
          spot: grant.spot,
          what: `${workload.name}: ${value} < ${sayTime(LEAST)}`,
          ...(grant.isExplicit ? { edit: { spot: grant.spot, text: "30000" } } : {}),
        };
      }
    }
    for (const { workload, program } of listContained(deployment)) {
      yield {
        spot: program.spot,
        what: `${workload.name}: PM2 runs ${program.text} with kill_timeout ${sayTime(KILL_TIMEOUT)} (default) < ${sayTime(LEAST)}`,
        next: "Set `PM2_KILL_TIMEOUT` in its environment, in milliseconds, or give it an ecosystem file with `kill_timeout`.",
      };
    }
  },
};

/** Whether it may need the time: a program that does not listen for the signal ends at once, and one that does not serve has other work. */
function mayDrain({ command, signal }: Workload, application: Application | null): boolean {
  if (command === null) return false;
  if (application?.isComplete !== true) return true;
  const { lastcall, listens, listeners } = application;
  // budget/exceeds-grant has the whole sum of lastcall's.
  const hears =
    listeners === null || (signal === null ? listeners.size > 0 : listeners.has(signal.value));
  return lastcall === null && listens !== null && hears;
}
