import { at, textOf } from "../../source/tree.js";
import type { Rule } from "../rule.js";
import { listTied } from "./containers.js";

const READY = new Set([
  "/readyz",
  "/ready",
  "/readiness",
  "/health/ready",
  "/healthz/ready",
  "/health/readiness",
]);

/** `k8s/liveness-on-readyz` */
export const livenessOnReadyz: Rule = {
  id: "k8s/liveness-on-readyz",
  severity: "warning",
  title: "the liveness probe asks whether the program is ready",
  cause:
    "A program that is not ready, because a database is away or because it drains, is restarted for it: what would have passed by itself becomes an outage, and a " +
    "drain that no deletion caused is cut.",
  next: "Let the liveness probe ask what answers as long as the process does, such as `/livez`.",
  *check(deployment) {
    for (const { workload, tree } of listTied(deployment)) {
      const path = at(tree, "livenessProbe", "httpGet", "path");
      const text = textOf(path);
      const own = workload.application?.lastcall?.probes;
      if (path === undefined || text === undefined) continue;
      const isReady = own?.isOn === true ? text === own.ready : READY.has(text.replace(/\/$/, ""));
      if (!isReady) continue;
      yield {
        spot: path.spot,
        what: `${workload.name}: the liveness probe asks ${text}`,
        ...(own?.isOn === true
          ? { next: `Let it ask ${own.live}.`, edit: { spot: path.spot, text: own.live } }
          : {}),
      };
    }
  },
};
