import { listGroups } from "../../platforms/haproxy/groups.js";
import { isChecked, settingOf } from "../../platforms/haproxy/servers.js";
import type { Fault, Rule } from "../rule.js";
import type { Source, Spot } from "../../source/source.js";
import { once } from "../once.js";

/** `haproxy/marked-down-cuts` */
export const markedDownCuts: Rule = {
  id: "haproxy/marked-down-cuts",
  severity: "error",
  title: "HAProxy cuts the requests of a server that says it is not ready",
  cause:
    "`on-marked-down shutdown-sessions` closes every connection to a server at the moment its checks fail. A server that stops in order fails its checks on purpose, while it still answers.",
  next: "Remove `on-marked-down shutdown-sessions`.",
  check({ project }) {
    const faults = project
      .once(listGroups)
      // In mode tcp it is right: a database that failed over must lose its clients.
      .filter(({ mode }) => mode === "http")
      .flatMap(({ servers }) => servers.filter(isChecked))
      .flatMap((server): Fault[] => {
        const setting = settingOf(server, "on-marked-down");
        if (setting?.value?.text !== "shutdown-sessions") return [];
        return [
          {
            spot: setting.spot,
            what: "connections are cut when a check fails, and a stop makes checks fail",
            edit: { spot: withBlank(server.source, setting.spot), text: "" },
          },
        ];
      });
    return once(faults);
  },
};

/** With what stands between it and the word before. */
function withBlank(source: Source, { start, end }: Spot): Spot {
  const before = source.text.slice(0, start).trimEnd().length;
  return source.spot(before, end);
}
