import assert from "node:assert/strict";
import { test } from "node:test";

import { nameRoute } from "lastcall";

import { HoldStreams, openSession, serveHttp2 } from "../harness/http2.js";
import { Hold } from "../harness/hold.js";
import { serve } from "../harness/serve.js";
import { connect } from "../harness/wire.js";

test("the route that nameRoute gave is the one in the report, before any other", async (t) => {
  const hold = new Hold();
  const { service, target } = await serve(t, hold.app);
  const client = await connect(target);
  await client.get("/orders/7?token=secret");
  const { req } = await hold.next();
  Object.assign(req, { baseUrl: "/api", route: { path: "/orders/7" } });
  nameRoute(req, "/orders");
  nameRoute(req, "/orders/:id");
  const { requests } = await service.abort();
  assert.deepEqual(
    requests.aborted.map(({ method, route }) => [method, route]),
    [["GET", "/orders/:id"]],
  );
});

for (const api of ["compat", "stream"] as const) {
  test(`nameRoute takes a request of HTTP/2 (${api})`, async (t) => {
    const [hold, streams] = [new Hold(), new HoldStreams()];
    const app = api === "compat" ? { compat: hold.app } : { stream: streams.app };
    const { service, url } = await serveHttp2(t, app);
    const session = await openSession(t, url);
    session.request({ ":path": "/orders/7" }).on("error", () => {});
    nameRoute(
      api === "compat" ? (await hold.next()).req : (await streams.next()).stream,
      "/orders/:id",
    );
    const { requests } = await service.abort();
    assert.deepEqual(
      requests.aborted.map(({ route }) => route),
      ["/orders/:id"],
    );
  });
}

test("what is no request, or no route, is refused", () => {
  assert.throws(() => nameRoute("GET /" as never, "/"), { code: "ERR_LASTCALL_ARGUMENT" });
  assert.throws(() => nameRoute({}, undefined as never), {
    code: "ERR_LASTCALL_ARGUMENT",
    message: "Expected `route` to be a string or a function, got `undefined`",
  });
});
