import { listApps } from "../../platforms/pm2/pm2.js";
import { at, flagOf } from "../../source/tree.js";
import type { Rule } from "../rule.js";
import { findTied } from "./tied.js";

/** `pm2/shutdown-message` */
export const shutdownMessage: Rule = {
  id: "pm2/shutdown-message",
  severity: "warning",
  title: "PM2 says stop in a message that the program does not listen for",
  cause:
    'With `shutdown_with_message` PM2 sends no signal: it sends the message "shutdown", and SIGKILL when `kill_timeout` is over. A program that listens for signals alone goes on until it is killed.',
  next: "Remove `shutdown_with_message`: on Linux and macOS PM2 can send a signal.",
  *check(deployment) {
    for (const { tree, workload } of deployment.project.once(listApps)) {
      const written = at(tree, "shutdown_with_message");
      if (written === undefined || flagOf(written) !== true) continue;
      const application = findTied(deployment, workload)?.application ?? null;
      if (application?.isComplete !== true) continue;
      // lastcall listens for that message.
      if (application.lastcall !== null) continue;
      if (application.listeners === null || application.listeners.has("message")) continue;
      yield {
        spot: written.spot,
        what: `${workload.name} is sent a message, and listens for none`,
        edit: { spot: written.spot, text: "false" },
      };
    }
  },
};
