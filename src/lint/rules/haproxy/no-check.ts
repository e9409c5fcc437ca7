import { isSteered, listGroups } from "../../platforms/haproxy/groups.js";
import { isChecked } from "../../platforms/haproxy/servers.js";
import type { Rule } from "../rule.js";

/** `haproxy/no-check` */
export const noCheck: Rule = {
  id: "haproxy/no-check",
  severity: "warning",
  title: "HAProxy does not ask its servers whether they are ready",
  cause:
    "Without `check` HAProxy sends requests to every server that is listed, also to one that stops or is gone: each of them waits for a connection that is refused, and some are answered 503.",
  next: "Add `check` to the servers, and `option httpchk GET /readyz` to the backend.",
  *check({ project }) {
    for (const group of project.once(listGroups)) {
      const { mode, servers, section } = group;
      const [first] = servers;
      if (mode !== "http" || servers.length < 2 || first === undefined) continue;
      if (servers.some(isChecked) || isSteered(group)) continue;
      yield {
        spot: first.spot,
        what: `${servers.length} servers of \`${section.kind} ${section.name ?? ""}\`, and none has \`check\``,
      };
    }
  },
};
