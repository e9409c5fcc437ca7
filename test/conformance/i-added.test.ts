import assert from "node:assert/strict";
import { once } from "node:events";
import type { IncomingMessage, ServerResponse } from "node:http";
import test, { type TestContext } from "node:test";

import { Hold } from "../harness/hold.js";
import { serve, type Served } from "../harness/serve.js";
import { connectMany, startStalling, tally, type Stalling } from "../harness/stall.js";
import { connect, type Target, type Wire } from "../harness/wire.js";

// 79

/** Sends a request and ends its side; resolves to what the client gets for it. */
async function askAndEnd(served: Served, hold: Hold | undefined): Promise<string> {
  const wire = await connect(served.target, { allowHalfOpen: true });
  wire.socket.end("GET / HTTP/1.1\r\nHost: test\r\n\r\n");
  if (hold !== undefined) {
    const { req, res } = await hold.next();
    // The server has seen the client's end.
    if (!req.socket.readableEnded && !req.socket.destroyed) await once(req.socket, "end");
    res.end("answer");
  }
  return wire.response().then(
    ({ status, body }) => `${status} ${body}`,
    () => "dropped",
  );
}

for (const isHalfOpen of [false, true]) {
  for (const isSync of [false, true]) {
    const how = `${isHalfOpen ? "httpAllowHalfOpen" : "Node's default"}, ${isSync ? "synchronous" : "later"} answer`;

    test(`79. client-half-close: treated no worse during the drain than before it (${how})`, async (t) => {
      const hold = isSync ? undefined : new Hold();
      const app = hold?.app ?? ((_req: IncomingMessage, res: ServerResponse) => res.end("answer"));
      const served = await serve(t, app, { lameDuck: { max: 5_000 }, timeouts: { idle: 100 } });
      const { server, service } = served;
      Object.assign(server, { httpAllowHalfOpen: isHalfOpen });

      const before = await askAndEnd(served, hold);
      t.diagnostic(`before the drain: ${before}`);
      const drained = service.drain();
      const during = await askAndEnd(served, hold);
      assert.equal(during, before);
      if (isHalfOpen) assert.equal(during, "200 answer");
      await Promise.all([service.abort(), drained]);
    });
  }

  test(`79. client-half-close: ended before D, answered after LC (${isHalfOpen ? "httpAllowHalfOpen" : "Node's default"})`, async (t) => {
    const hold = new Hold();
    const { server, service, target } = await serve(t, hold.app, { timeouts: { idle: 100 } });
    Object.assign(server, { httpAllowHalfOpen: isHalfOpen });
    const wire = await connect(target, { allowHalfOpen: true });
    wire.socket.end("GET / HTTP/1.1\r\nHost: test\r\n\r\n");
    const { req, res } = await hold.next();
    if (!req.socket.readableEnded) await once(req.socket, "end");
    const closed = new Promise((resolve) => service.on("listeners-closed", resolve));
    const drained = service.drain();
    await closed;
    res.end("answer");
    const got = await wire.response().then(
      ({ status }) => status,
      () => "dropped",
    );
    assert.equal(got, isHalfOpen ? 200 : "dropped");
    const { outcome, durationMs } = await drained;
    assert.equal(outcome, "clean");
    assert.ok(durationMs < 5_000, `held for ${durationMs} ms`);
  });
}

// 80

interface Waiting {
  kept: Wire[];
  fresh: Wire[];
  queued: Wire[];
}

const EACH = 20;

/** Kept-alive connections, and accepted ones that have not said a byte. */
async function openConnections(t: TestContext, target: Target): Promise<Waiting> {
  const kept = await connectMany(t, target, EACH);
  const fresh = await connectMany(t, target, EACH);
  for (const wire of kept) await wire.get("/first");
  for (const wire of kept) await wire.response();
  // Connections are accepted in their order: when this one is answered, those before are accepted.
  const [last] = await connectMany(t, target, 1);
  await last?.get("/last");
  await last?.response();
  last?.close();
  return { kept, fresh, queued: [] };
}

/** While the program stands still: requests on all connections, and on new ones in its queue. */
async function askAll(t: TestContext, target: Target, waiting: Waiting): Promise<void> {
  waiting.queued = await connectMany(t, target, EACH);
  const all = [...waiting.kept, ...waiting.fresh, ...waiting.queued];
  await Promise.all(all.map((wire) => wire.get("/waiting")));
}

type Counts = Record<string, number>;

async function outcomes(of: Waiting): Promise<Record<keyof Waiting, Counts>> {
  const { kept, fresh, queued } = of;
  return { kept: await tally(kept), fresh: await tally(fresh), queued: await tally(queued) };
}

const ANSWERED = { "200 close": EACH };
const ALL_ANSWERED = { kept: ANSWERED, fresh: ANSWERED, queued: ANSWERED };

function lost(counts: Counts): number {
  return counts["lost"] ?? 0;
}

/** Lets requests arrive while the program stands still; it stops in the turn that ends the stall. */
async function stopAfterStall(t: TestContext, stalling: Stalling): Promise<Waiting> {
  const { program, target, blocked, release } = stalling;
  const waiting = await openConnections(t, target);
  program.kill("SIGUSR2");
  await blocked();
  await askAll(t, target, waiting);
  release();
  return waiting;
}

for (const instant of ["D", "LC"]) {
  test(`80. stall-then-stop: a blocked loop just before ${instant} → requests waiting in the kernel are answered`, async (t) => {
    const stalling = await startStalling(t, "stall-then-stop", { args: ["lastcall", instant] });
    const waiting = await stopAfterStall(t, stalling);
    assert.deepEqual(await outcomes(waiting), ALL_ANSWERED);
    assert.deepEqual(await stalling.program.exit, { code: 0, signal: null });
  });
}

test("80. stall-then-stop (control: a plain close after a blocked loop loses them)", async (t) => {
  const stalling = await startStalling(t, "stall-then-stop", { args: ["plain"] });
  const got = await outcomes(await stopAfterStall(t, stalling));
  t.diagnostic(`plain server.close(): ${JSON.stringify(got)}`);
  assert.ok(lost(got.kept) > 0);
  assert.ok(lost(got.queued) > 0);
  // Since nodejs/node#63470.
  if (process.versions.node.startsWith("26.")) assert.ok(lost(got.fresh) > 0);
});

// 82

for (const when of ["before", "after"]) {
  for (const what of ["close", "idle", "exit"]) {
    const call = {
      close: "server.close()",
      idle: "closeIdleConnections()",
      exit: "server.close() and exits",
    }[what];

    test(`82. app-closes-too: an application that calls ${call} on SIGTERM undoes nothing, or is named (listener ${when} ours)`, async (t) => {
      const stalling = await startStalling(t, "app-closes-too", { args: [when, what] });
      const { program } = stalling;
      const [slow, waiting] = await stopWhileAsking(t, stalling);
      assert.deepEqual(await outcomes(waiting), ALL_ANSWERED);
      assert.equal((await slow.response()).body, "slow");
      const { code } = await program.exit;
      const warnings = program.report.warnings.map(
        (warning) => `${warning.code}: ${warning.message}`,
      );
      assert.match(warnings.join("\n"), /foreign-signal-listener: .*applicationStops/);
      if (what !== "idle") {
        assert.match(warnings.join("\n"), /foreign-close/);
        assert.match(program.stdout, /close called back/);
      }
      if (what === "exit") {
        assert.equal(code, 1);
        assert.match(warnings.join("\n"), /foreign-exit: .*app-closes-too/);
      } else {
        assert.equal(code, 0);
        assert.match(program.stdout, /hook ran/);
      }
    });
  }
}

test("82. app-closes-too: an application that calls closeAllConnections() is named, and what it cut is counted", async (t) => {
  const hold = new Hold();
  const { service, server, target } = await serve(t, hold.app);
  const [busy, idle] = (await connectMany(t, target, 2)) as [Wire, Wire];
  await idle.get("/");
  (await hold.next()).res.end();
  await idle.response();
  await busy.get("/");
  await hold.next();
  const drained = service.drain();

  server.closeAllConnections();

  assert.equal(await busy.ended(), "fin");
  const { outcome, connections, requests, warnings } = await drained;
  assert.deepEqual([outcome, connections.cut, requests.unfinished], ["aborted", 1, 1]);
  assert.deepEqual(
    warnings.map(({ code, message }) => [code, /destroyed 1 connection /.test(message)]),
    [["foreign-cut", true]],
  );
});

test("82. app-closes-too: before the drain closeAllConnections() is the application's own affair", async (t) => {
  const hold = new Hold();
  const { service, server, target } = await serve(t, hold.app);
  const [wire] = (await connectMany(t, target, 1)) as [Wire];
  await wire.get("/");
  await hold.next();
  server.closeAllConnections();
  await wire.ended();
  const { outcome, warnings } = await service.drain();
  assert.deepEqual([outcome, warnings], ["clean", []]);
});

test("82. app-closes-too: an application that closes before lastcall hears of the signal is named in the report", async (t) => {
  const stalling = await startStalling(t, "app-closes-too", { args: ["prepended", "close"] });
  const { program } = stalling;
  const [slow] = await stopWhileAsking(t, stalling);
  assert.equal((await slow.response()).body, "slow");
  assert.deepEqual(await program.exit, { code: 0, signal: null });
  const [first] = program.report.warnings;
  assert.equal(first?.code, "foreign-signal-listener");
  assert.match(first?.message ?? "", /applicationStops/);
});

test("82. app-closes-too (control: alone it loses what waits in the kernel)", async (t) => {
  const stalling = await startStalling(t, "app-closes-too", { args: ["alone", "close"] });
  const [, waiting] = await stopWhileAsking(t, stalling);
  const got = await outcomes(waiting);
  t.diagnostic(`plain server.close(): ${JSON.stringify(got)}`);
  assert.ok(lost(got.kept) > 0);
});

/** As in case 80, with one more request in flight. */
async function stopWhileAsking(t: TestContext, stalling: Stalling): Promise<[Wire, Waiting]> {
  const [slow] = (await connectMany(t, stalling.target, 1)) as [Wire];
  await slow.get("/slow");
  return [slow, await stopAfterStall(t, stalling)];
}
