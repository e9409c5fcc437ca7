import { createServer } from "node:http";
import { lastcall } from "lastcall";

// The grant begins with the delete, the budget with the signal; the preStop hook lies between.
const { TERMINATION_GRACE_PERIOD = "30", PRE_STOP = "0" } = process.env;
const gracePeriod = (Number(TERMINATION_GRACE_PERIOD) - Number(PRE_STOP)) * 1_000;

const service = lastcall({ gracePeriod, probes: { port: 3001 } });
service.attach(createServer((_req, res) => res.end("ok\n"))).listen(3000);
