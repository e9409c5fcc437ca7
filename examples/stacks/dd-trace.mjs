// node --import dd-trace/initialize.mjs server.mjs
import { createServer } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { lastcall } from "lastcall";

const service = lastcall({ gracePeriod: 10_000 });

// It sends what it has when Node is about to end by itself, which process.exit() never says; and it tells no one
// when its agent has answered.
service.hook(
  "dd-trace",
  async () => {
    process.emit("beforeExit", 0);
    await sleep(500);
  },
  { stage: "last" },
);

const server = createServer((req, res) => {
  setTimeout(() => res.end("ok"), req.url === "/slow" ? 1_500 : 0);
});
service.attach(server).listen(process.env.PORT);
