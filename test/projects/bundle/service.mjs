import { createServer } from "node:http";
import { lastcall } from "lastcall";
import { renderVerdict } from "lastcall/prove";

const service = lastcall({ signals: false, report: false, lameDuck: false });
const server = service.attach(createServer((_, response) => response.end("ok")));
server.listen(0, "127.0.0.1", async () => {
  const answer = await fetch(`http://127.0.0.1:${server.address().port}/`);
  console.log(await answer.text(), (await service.drain()).outcome, typeof renderVerdict);
});
