const { createServer } = require("node:http");
const { lastcall } = require("lastcall");

test("a service drains", async () => {
  const service = lastcall({ signals: false, report: false, lameDuck: false });
  const server = service.attach(createServer((_, response) => response.end("ok")));
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const answer = await fetch(`http://127.0.0.1:${server.address().port}/`);
  expect(await answer.text()).toBe("ok");
  expect((await service.drain()).outcome).toBe("clean");
});
