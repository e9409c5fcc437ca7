import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { lastcall } from "lastcall";

test("a service drains", async () => {
  const service = lastcall({ signals: false, report: false, lameDuck: false });
  const server = service.attach(createServer((_, response) => void response.end("ok")));
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  const answer = await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
  expect(await answer.text()).toBe("ok");
  expect((await service.drain()).outcome).toBe("clean");
});
