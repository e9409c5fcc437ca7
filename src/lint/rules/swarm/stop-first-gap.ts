import { listServices } from "../../platforms/compose/compose.js";
import { at, itemsOf, numberOf, textOf, type Tree } from "../../source/tree.js";
import { isOwnImage } from "../../tie/image-names.js";
import type { Rule } from "../rule.js";

/** `swarm/stop-first-gap` */
export const stopFirstGap: Rule = {
  id: "swarm/stop-first-gap",
  severity: "warning",
  title: "an update stops every task of a service before a new one runs",
  cause:
    "With `order: stop-first`, the default, Swarm stops as many tasks as `parallelism` says and then starts the new ones. Where that is all of them, nothing answers in between.",
  next: "Set `deploy.update_config.order: start-first`.",
  *check({ project }) {
    for (const { entry, isStack, workload } of project.once(listServices)) {
      const deploy = at(entry.value, "deploy");
      const update = at(deploy, "update_config");
      const order = at(update, "order");
      const { replicas } = workload;
      const isGlobal = textOf(at(deploy, "mode")) === "global";
      if (
        !isStack ||
        deploy === undefined ||
        isGlobal ||
        !workload.isServed ||
        replicas === null ||
        replicas.value === 0
      )
        continue;
      if (order !== undefined && textOf(order) !== "stop-first") continue;
      if (!isReplaceable(entry.value, workload.imageName?.value)) continue;
      const parallel = at(update, "parallelism");
      const count = parallel === undefined ? 1 : numberOf(parallel);
      if (count === undefined || (count !== 0 && replicas.value > count)) continue;
      yield {
        spot: order?.spot ?? update?.spot ?? entry.keySpot,
        what: `${entry.key}: replicas ${replicas.value}${replicas.isExplicit ? "" : " (default)"} - parallelism ${count === 0 ? "all" : count} = 0 tasks, and order is stop-first`,
        related: replicas.isExplicit
          ? [{ spot: replicas.spot, what: `replicas ${replicas.value}` }]
          : [],
        ...(order === undefined ? {} : { edit: { spot: order.spot, text: "start-first" } }),
      };
    }
  },
};

/** Two tasks cannot share what is written to one node's disk, nor a port of it; and what others' images can is not known. */
function isReplaceable(tree: Tree, image: string | undefined): boolean {
  const hasVolumes = itemsOf(at(tree, "volumes")).length > 0;
  const hasHostPort = itemsOf(at(tree, "ports")).some(
    (port) => textOf(at(port, "mode")) === "host",
  );
  return image !== undefined && isOwnImage(image) && !hasVolumes && !hasHostPort;
}
