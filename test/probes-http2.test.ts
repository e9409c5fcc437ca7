import assert from "node:assert/strict";
import { test } from "node:test";

import { Hold } from "./harness/hold.js";
import { ask, HoldStreams, openSession, serveHttp2 } from "./harness/http2.js";

for (const api of ["compat", "stream"] as const) {
  test(`probes are answered on HTTP/2, and the application does not see them (${api})`, async (t) => {
    const [compat, streams] = [new Hold(), new HoldStreams()];
    const app = api === "compat" ? { compat: compat.app } : { stream: streams.app };
    const { service, url } = await serveHttp2(t, app, {
      probes: true,
      lameDuck: { max: 20_000 },
      gracePeriod: 60_000,
      timeouts: { idle: 10_000 },
    });
    const session = await openSession(t, url);

    const ready = await ask(session, "/readyz?x");
    assert.equal(ready.status, 200);
    assert.deepEqual(JSON.parse(String(ready.body)), { status: "ok", phase: "ready" });
    const head = await ask(session, "/livez", { method: "HEAD" });
    assert.deepEqual([head.status, head.body.length], [200, 0]);

    const drained = service.drain();
    // The session is told as it is quiet; a prober comes again.
    const later = await openSession(t, url);
    assert.equal((await ask(later, "/readyz")).status, 503);
    const again = await openSession(t, url);
    assert.equal((await ask(again, "/livez")).status, 200);
    assert.equal(compat.count + streams.count, 0);
    await service.abort();
    const { requests } = await drained;
    assert.equal(requests.begun, 0);
  });
}
