import { createServer } from "node:http";
import { lastcall } from "lastcall";

const service = lastcall({
  probes: true, // answers /readyz and /livez itself, /readyz with 503 from the signal on
  lameDuck: {
    min: 300, // what the checks tell need not be waited for longer
    fall: 2, // as the proxy's own: HAProxy's fall, Envoy's unhealthy_threshold
  },
});
const server = createServer({ keepAliveTimeout: 75_000 }, (_req, res) => res.end("hello\n"));
service.attach(server).listen(3001);
