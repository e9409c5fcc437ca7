import { listApps } from "../../platforms/pm2/pm2.js";
import { at, numberOf, textOf, type Mapping, type Tree } from "../../source/tree.js";
import type { Rule } from "../rule.js";

/** `pm2/npm-in-cluster` */
export const npmInCluster: Rule = {
  id: "pm2/npm-in-cluster",
  severity: "error",
  title: "PM2 makes workers of npm, not of the program",
  cause:
    "In cluster mode PM2 loads the script in a worker of Node's cluster. With `npm` as the script that worker is npm: the program is its child, outside of the cluster. All instances listen on the port by themselves, so the second one fails with EADDRINUSE, and a reload has no instance that goes on serving.",
  next: "Set `script` to the program's own file, such as `dist/main.js`.",
  *check({ project }) {
    for (const { tree, workload } of project.once(listApps)) {
      const script = at(tree, "script");
      const name = textOf(script)?.split(/[\s/]/).at(-1) ?? "";
      const cluster = findCluster(tree);
      if (script === undefined || cluster === undefined || !/^(?:npm|yarn|pnpm)$/.test(name))
        continue;
      yield {
        spot: script.spot,
        what: `${workload.name}: the workers of the cluster are ${name}`,
        related: [{ spot: cluster.spot, what: "cluster mode" }],
      };
    }
  },
};

/** Without a word on it, PM2 takes cluster mode where there are `instances`. */
function findCluster(tree: Mapping): Tree | undefined {
  const mode = at(tree, "exec_mode");
  if (mode !== undefined) return textOf(mode)?.startsWith("cluster") === true ? mode : undefined;
  const instances = at(tree, "instances");
  const count = textOf(instances) === "max" ? 0 : numberOf(instances);
  const interpreter = at(tree, "interpreter");
  return count !== undefined && count >= -1 && interpreter === undefined ? instances : undefined;
}
