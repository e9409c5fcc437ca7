// One instance behind the balancer: answers after 5 to 45 ms, every fiftieth time after a second. `lastcall` or `close` says
// how it stops.
import { createServer } from "node:http";
import { lastcall } from "lastcall";

const [how] = process.argv.slice(2);
let asked = 0;
const server = createServer((req, res) => {
  if (req.url === "/readyz") return void res.end();
  asked += 1;
  setTimeout(() => res.end("ok\n"), asked % 50 === 0 ? 1_000 : 5 + (asked % 5) * 10);
});
if (how === "lastcall")
  lastcall({ gracePeriod: 10_000, probes: true, report: false }).attach(server);
else process.on("SIGTERM", () => server.close(() => process.exit(0)));
server.listen(Number(process.env.PORT), "127.0.0.1");
