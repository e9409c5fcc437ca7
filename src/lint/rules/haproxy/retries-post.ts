import { listGroups } from "../../platforms/haproxy/groups.js";
import type { HaproxySection } from "../../read/haproxy.js";
import type { Fault, Rule } from "../rule.js";
import { once } from "../once.js";

// The request was sent by then: it may have been carried out.
const SENT = /^(?:empty-response|junk-response|response-timeout|all-retryable-errors|50[0-4])$/;

/** `haproxy/retries-post` */
export const retriesPost: Rule = {
  id: "haproxy/retries-post",
  severity: "warning",
  title: "HAProxy sends a POST again that may have been carried out",
  cause:
    "With these words of `retry-on` a request goes to another server when the first one cut it, did not answer in time or answered an error. An order may be placed twice while a server is stopped.",
  next: "Add `http-request disable-l7-retry if METH_POST` to the backend, or leave `conn-failure` alone in `retry-on`.",
  check({ project }) {
    const faults = project.once(listGroups).flatMap((group): Fault[] => {
      const line = group.linesOf("retry-on").at(-1);
      const word = line?.words.find(({ text }) => SENT.test(text));
      if (group.mode !== "http" || word === undefined || isDisabled(group.sections)) return [];
      return [
        {
          spot: word.spot,
          what: `\`${word.text}\` repeats requests that the server has been sent`,
        },
      ];
    });
    return once(faults);
  },
};

/** In a frontend it holds for the backends that it leads to. */
function isDisabled(sections: readonly HaproxySection[]): boolean {
  return sections.some(({ lines }) =>
    lines.some(({ words }) => words[1]?.text === "disable-l7-retry"),
  );
}
