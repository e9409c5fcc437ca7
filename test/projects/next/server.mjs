// A custom server of Next's, drained: it prints what a page and a route answered, and how the drain ended.
import { createServer } from "node:http";
import { lastcall } from "lastcall";
import next from "next";

const service = lastcall({ signals: false, report: false, lameDuck: false });
const app = next({ dev: false });
await app.prepare();
const handle = app.getRequestHandler();
const server = service.attach(createServer((request, response) => handle(request, response)));
server.listen(0, "127.0.0.1", async () => {
  const origin = `http://127.0.0.1:${server.address().port}`;
  const page = await (await fetch(origin)).text();
  const route = await (await fetch(`${origin}/api/hello`)).text();
  const { outcome } = await service.drain();
  console.log(page.includes("<p>shop</p>"), route, outcome);
  await app.close();
  process.exit(0);
});
