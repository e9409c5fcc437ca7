import { listApps } from "../../platforms/pm2/pm2.js";
import { readSources } from "../../application/sources.js";
import type { Call } from "../../read/javascript/calls.js";
import { at, flagOf, textOf } from "../../source/tree.js";
import type { Rule } from "../rule.js";
import { findTied } from "./tied.js";

/** `pm2/wait-ready-never` */
export const waitReadyNever: Rule = {
  id: "pm2/wait-ready-never",
  severity: "warning",
  title: "PM2 waits for a message that the program never sends",
  cause:
    'With `wait_ready` PM2 takes a program for started when it sends "ready". Without that message it waits for all of `listen_timeout` at every reload, and stops the old one then, whether the new one serves or not.',
  next: 'Call `process.send?.("ready")` once the server listens, or remove `wait_ready`.',
  *check(deployment) {
    const { project } = deployment;
    for (const { tree, workload } of project.once(listApps)) {
      const written = at(tree, "wait_ready");
      const application = findTied(deployment, workload)?.application ?? null;
      if (written === undefined || flagOf(written) !== true || application === null) continue;
      // lastcall says it when the service is ready.
      if (application.lastcall !== null || application.entry === null) continue;
      if (!application.isComplete) continue;
      const { files } = readSources(project, application.entry);
      // Where the server listens is where it would be said: it may be in a package.
      if (!files.some(({ script }) => script.calls.some(isListening))) continue;
      const sends = files.flatMap(({ script }) =>
        script.calls.filter(({ callee }) => /(?:^|\.)process\.send(?:\.call)?$/.test(callee)),
      );
      // What is sent under a name may be it.
      if (sends.some(({ args }) => (textOf(args[0]) ?? "ready") === "ready")) continue;
      yield {
        spot: written.spot,
        what: `${workload.name}: nothing in ${application.entry} and what it imports sends "ready"`,
        edit: { spot: written.spot, text: "false" },
      };
    }
  },
};

function isListening({ callee }: Call): boolean {
  return /(?:^|\.)listen$/.test(callee);
}
