import { isSteered, listGroups, type ServerGroup } from "../../platforms/haproxy/groups.js";
import { isChecked } from "../../platforms/haproxy/servers.js";
import type { Deployment } from "../../model/deployment.js";
import type { Rule } from "../rule.js";

// Checks of another kind, which are told what to send and what to expect.
const OTHERS = [
  "tcp-check",
  "external-check",
  "ssl-hello-chk",
  "ldap-check",
  "mysql-check",
  "pgsql-check",
  "redis-check",
  "smtpchk",
  "spop-check",
];

/** `haproxy/tcp-check-only` */
export const tcpCheckOnly: Rule = {
  id: "haproxy/tcp-check-only",
  severity: "warning",
  title: "HAProxy checks that it can connect, and nothing else",
  cause:
    "A server that is about to stop says so by answering 503 to the readiness probe, while it still accepts connections. A check without `option httpchk` sees only that it accepts, and goes on sending requests until they are refused.",
  next: "Add `option httpchk GET /readyz` to the backend, with the path of the service's readiness.",
  *check(deployment) {
    for (const group of deployment.project.once(listGroups)) {
      if (!isTcpOnly(group)) continue;
      const isKnown = hasLastcall(deployment, group);
      yield {
        spot: group.section.spot,
        what: `servers of \`${group.section.kind} ${group.section.name ?? ""}\` are checked without \`option httpchk\``,
        severity: isKnown ? "error" : "warning",
      };
    }
  },
};

function isTcpOnly(group: ServerGroup): boolean {
  const { mode, servers } = group;
  return (
    mode === "http" &&
    // One server has no other to go to: a check changes nothing for its requests.
    servers.length > 1 &&
    servers.some(isChecked) &&
    group.option("httpchk") === undefined &&
    !OTHERS.some((name) => group.option(name) !== undefined) &&
    !isSteered(group)
  );
}

/** Whether a service behind it is known to answer 503 before it stops. */
function hasLastcall({ balancers }: Deployment, { section }: ServerGroup): boolean {
  const balancer = balancers.find(
    ({ kind, spot }) =>
      kind === "haproxy" && spot.file === section.spot.file && spot.start === section.spot.start,
  );
  return (
    balancer?.workloads.some(({ application }) => application?.lastcall?.probes?.isOn === true) ??
    false
  );
}
