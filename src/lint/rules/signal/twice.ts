import { DEVELOPMENT_RUNNERS } from "../../chain/names.js";
import type { Link } from "../../chain/link.js";
import type { Rule } from "../rule.js";
import { linksBehind, listStarted, type Started } from "./started.js";

/** `signal/twice` */
export const twice: Rule = {
  id: "signal/twice",
  severity: "info",
  title:
    "the program gets its signal twice: from the platform, and from a wrapper that passes it on",
  cause:
    "The whole group is signalled, and a wrapper in it signals its child once more. lastcall takes a second signal within `repeatWindow`, 250 ms, for the same " +
    "stop; other programs may take it for an order to leave at once.",
  next: "Start the program itself, without the wrapper.",
  *check(deployment) {
    for (const started of listStarted(deployment)) {
      const link = findForwarder(started);
      if (link === undefined) continue;
      const { workload } = started;
      const by =
        workload.signalled === "all"
          ? `${workload.platform} signals all processes`
          : "its init signals the whole group";
      yield {
        spot: link.spot,
        what: `${workload.name}: ${by}, and ${link.name} passes the signal on`,
      };
    }
  },
};

const FORWARDERS = new Set([
  "npm",
  "yarn",
  "pnpm",
  "pm2-runtime",
  "foreman",
  "nf",
  ...DEVELOPMENT_RUNNERS,
]);

/** A wrapper that forwards, below what signals all, with no shell between it and the program that would keep it. */
function findForwarder({ workload, chain }: Started): Link | undefined {
  const isGroup =
    workload.signalled === "all" ||
    chain.links.some((link) => link.kind === "init" && link.signals === "group");
  if (!isGroup || chain.program === null) return undefined;
  return chain.links.find(
    (link) =>
      (link.kind === "package-manager" || link.kind === "runner") &&
      FORWARDERS.has(link.name) &&
      linksBehind(chain, link).every((inner) => inner.kind !== "shell" || inner.stays === false),
  );
}
