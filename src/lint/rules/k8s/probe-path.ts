import type { Probes } from "../../model/application.js";
import { at, numberOf, textOf, type Tree } from "../../source/tree.js";
import type { Fault, Rule } from "../rule.js";
import { listTied, type Tied } from "./containers.js";

/** `k8s/probe-path` */
export const probePath: Rule = {
  id: "k8s/probe-path",
  severity: "warning",
  title: "the readiness probe asks for what the program's probes do not answer",
  cause:
    "lastcall turns its own probe to 503 when the stop begins. A probe that asks another path, or another port, goes on saying ready, and what relies on it sends " +
    "requests to the end.",
  next: "Let the probe ask the path and the port that `probes` says.",
  *check(deployment) {
    for (const tied of listTied(deployment)) {
      const probes = tied.workload.application?.lastcall?.probes ?? null;
      const probe = at(tied.tree, "readinessProbe", "httpGet");
      if (probe === undefined || probes === null || !probes.isOn) continue;
      const fault = judge(tied, probe, probes);
      if (fault !== undefined) yield fault;
    }
  },
};

function judge({ workload }: Tied, probe: Tree, probes: Probes): Fault | undefined {
  const path = at(probe, "path");
  const asked = textOf(path) ?? "/";
  const related = [{ spot: probes.spot, what: `probes answers ${probes.ready}` }];
  if (asked !== probes.ready) {
    const what = `${workload.name}: the readiness probe asks ${asked}, and probes answers ${probes.ready}`;
    const spot = path?.spot ?? probe.spot;
    return {
      spot,
      what,
      related,
      ...(path === undefined ? {} : { edit: { spot, text: probes.ready } }),
    };
  }
  const port = at(probe, "port");
  const number = numberOf(port);
  if (probes.port === null || probes.port === 0 || number === undefined || number === probes.port)
    return undefined;
  return {
    spot: port?.spot ?? probe.spot,
    what: `${workload.name}: the readiness probe asks port ${number}, and probes answers on ${probes.port}`,
    related,
  };
}
