import { isSteered, listGroups } from "../../platforms/haproxy/groups.js";
import { isChecked } from "../../platforms/haproxy/servers.js";
import type { Rule } from "../rule.js";

/** `haproxy/no-redispatch` */
export const noRedispatch: Rule = {
  id: "haproxy/no-redispatch",
  severity: "warning",
  title: "HAProxy tries a refused request again at the server that refused it",
  cause:
    "Between the moment a server closes its port and the check that notices it, its requests are refused. Without `option redispatch` each retry goes to the same server, a second later; then the client is answered 503, though the other servers are there.",
  next: "Add `option redispatch` to the backend or to its defaults.",
  *check({ project }) {
    for (const group of project.once(listGroups)) {
      const { mode, servers, section } = group;
      if (mode !== "http" || servers.length < 2 || !servers.every(isChecked)) continue;
      if (isSteered(group) || group.option("redispatch") !== undefined) continue;
      if (group.linesOf("retry-on").length > 0) continue;
      yield {
        spot: section.spot,
        what: `${servers.length} servers of \`${section.kind} ${section.name ?? ""}\`, and no \`option redispatch\``,
      };
    }
  },
};
