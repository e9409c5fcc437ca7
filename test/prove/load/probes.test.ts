import assert from "node:assert/strict";
import http from "node:http";
import type net from "node:net";
import { test, type TestContext } from "node:test";
import { type ProbeChange, isWell } from "#src/prove/facts/probes.js";
import { Probes } from "#src/prove/load/probes.js";
import { loopback } from "#src/prove/request/address.js";

const READY = { method: "GET", path: "/readyz", body: "" };
const PATIENCE_MS = 10_000;

interface Health {
  readonly server: http.Server;
  readonly port: number;
  /** What it answers from now on. */
  status: number;
}

async function serve(t: TestContext, status: number): Promise<Health> {
  const server = http.createServer((_request, response) => {
    response.writeHead(health.status).end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as net.AddressInfo;
  const health: Health = { server, port, status };
  t.after(() => server.close());
  return health;
}

function watch(t: TestContext, port: number): { probes: Probes; well: Promise<void> } {
  const probes = new Probes({ readiness: READY, liveness: null, tls: null });
  t.after(() => probes.stop());
  return { probes, well: probes.watch({ generation: 0, address: loopback(port) }) };
}

/** Resolves with the first change that is as wanted. */
async function seen(probes: Probes, answer: ProbeChange["answer"]): Promise<ProbeChange> {
  const end = Date.now() + PATIENCE_MS;
  while (Date.now() < end) {
    const change = probes.changes.find((one) => one.answer === answer);
    if (change !== undefined) return change;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  throw new Error(`no probe was answered ${String(answer)}`);
}

test("probes: each change of the answer is seen once, with its instant, until the service has gone", async (t) => {
  const health = await serve(t, 200);
  const { probes, well } = watch(t, health.port);
  await well;
  health.status = 503;
  const flip = await seen(probes, 503);
  await new Promise<void>((resolve) => health.server.close(() => resolve()));
  const gone = await seen(probes, "refused");
  assert.deepEqual(
    probes.changes.map(({ answer }) => answer),
    [200, 503, "refused"],
  );
  assert.ok(flip.answeredAt >= flip.askedAt && gone.askedAt >= flip.answeredAt);
  assert.deepEqual(probes.unfounded(), []);
});

test("probes: one that was never well says nothing about the stop", async (t) => {
  const health = await serve(t, 404);
  const { probes } = watch(t, health.port);
  await seen(probes, 404);
  assert.deepEqual(probes.unfounded(), [
    "`GET /readyz` (--readiness) was answered 404, expected 200 to 399 before the signal",
  ]);
  // Control: as soon as it is well it counts.
  health.status = 204;
  await seen(probes, 204);
  assert.deepEqual(probes.unfounded(), []);
});

test("probes: what Kubernetes takes for a success is well", () => {
  const wells = [200, 204, 302, 399].map((answer) => isWell({ answer }));
  const others = [404, 500, 503, "refused", "cut", "nothing"] as const;
  assert.deepEqual(wells, [true, true, true, true]);
  assert.ok(others.every((answer) => !isWell({ answer })));
});
