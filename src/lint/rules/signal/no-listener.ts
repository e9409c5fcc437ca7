import type { Application } from "../../model/application.js";
import { proveNode } from "../prove.js";
import type { Fault, Rule } from "../rule.js";
import { isDeaf } from "./deaf.js";
import { listStarted, type Started } from "./started.js";

/** `signal/no-listener` */
export const noListener: Rule = {
  id: "signal/no-listener",
  severity: "error",
  title: "nothing in the program listens for the signal",
  cause:
    "Without a listener SIGTERM ends Node at once, and as process 1 of a container Node ignores it until SIGKILL. Either way requests in flight are cut.",
  next: "Call `lastcall()` first, and attach the server.",
  *check(deployment) {
    for (const started of listStarted(deployment)) {
      const { application } = started.workload;
      if (application !== null && isDeaf(application)) yield judge(started, application);
    }
  },
};

function judge({ workload, chain }: Started, application: Application): Fault {
  const { entry, listens } = application;
  const isFirst =
    chain.links.every((link) => link.kind === "shell" && link.stays === false) &&
    workload.platform !== "systemd" &&
    workload.platform !== "pm2";
  const [spot] = [listens, workload.spot].flatMap((one) => one ?? []);
  return {
    spot: spot ?? workload.spot,
    what: `${workload.name}: ${entry ?? "the program"} serves, and nothing that it loads listens for ${workload.signal?.value ?? "SIGTERM"}`,
    related: chain.program === null ? [] : [{ spot: chain.program.spot, what: "what starts it" }],
    ...(isFirst
      ? {
          cause:
            "It is process 1 of its container, for which the kernel drops a signal without a listener: nothing happens until SIGKILL, which cuts all requests in flight.",
        }
      : {}),
    ...proveNode(application),
  };
}
