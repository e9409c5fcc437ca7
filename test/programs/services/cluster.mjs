import cluster from "node:cluster";
import { createService, serve } from "./service.mjs";

if (process.env.SCHEDULING === "none") cluster.schedulingPolicy = cluster.SCHED_NONE;
const service = createService();
if (cluster.isPrimary) {
  cluster.on("exit", () => cluster.fork());
  cluster.fork();
  cluster.fork();
} else {
  serve(service);
}
