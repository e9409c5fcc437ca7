import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import net from "node:net";
import { after, test, type TestContext } from "node:test";
import { setImmediate, setTimeout as sleep } from "node:timers/promises";

import { ClientGoneError, DrainAbortedError } from "lastcall";
import { cancellable, type CancellablePool } from "lastcall/clients/pg";
import { Client, Pool, type PoolConfig } from "pg";

import { certificate } from "../harness/tls.js";
import { startProxy } from "./proxy.js";
import { assertEndsEarly, assertHarmful, assertHarmless } from "./race.js";
import { startPostgres } from "./servers/postgres.js";
import { throughout, until } from "./until.js";
import { visit } from "./visit.js";

const server = await startPostgres({ after });
const observer = new Client(server.config);
// The server ends first.
observer.on("error", () => {});
await observer.connect();
after(() => observer.end());
await observer.query("create table effects (name text)");

function openPool(t: TestContext, config: PoolConfig = {}): Pool {
  const pool = new Pool({ ...server.config, max: 1, ...config });
  pool.on("error", () => {});
  t.after(() => (pool.ending ? undefined : pool.end()));
  return pool;
}

/** A statement that would take a minute, and whether the server is at it. */
function long(prefix = ""): { text: string; isRunning: () => Promise<boolean> } {
  const text = `${prefix}select pg_sleep(60) /* ${randomUUID()} */`;
  const running = "select from pg_stat_activity where query = $1 and state = 'active'";
  return {
    text,
    isRunning: async () => (await observer.query(running, [text])).rowCount === 1,
  };
}

async function terminate(text: string): Promise<void> {
  const sql = "select pg_terminate_backend(pid) from pg_stat_activity where query = $1";
  await observer.query(sql, [text]);
}

async function pidOf(db: Pick<CancellablePool, "query">): Promise<number> {
  const { rows } = await db.query<{ pid: number }>("select pg_backend_pid() as pid");
  return (rows[0] as { pid: number }).pid;
}

const ways: Record<string, () => PoolConfig> = {
  "over TCP": () => ({}),
  "over TLS": () => ({ host: "localhost", ssl: { ca: certificate.cert } }),
  "over a Unix socket": () => ({ host: server.socketFolder }),
};

for (const [way, config] of Object.entries(ways)) {
  test(`an abort ends the statement on the server ${way}, and the connection stays`, async (t) => {
    const pool = openPool(t, config());
    const db = cancellable(pool);
    const pid = await pidOf(db);
    const { text, isRunning } = long();
    const controller = new AbortController();
    const reason = new DrainAbortedError(1_000);

    const rejected = assert.rejects(
      db.query(text, [], { signal: controller.signal }),
      (error) => error === reason,
    );
    await until("the statement", isRunning);
    controller.abort(reason);
    const ms = await until("its end", async () => !(await isRunning()));
    await rejected;

    t.diagnostic(`gone from pg_stat_activity after ${ms.toFixed(1)} ms`);
    assert.ok(ms < 250, `${ms} ms`);
    assert.equal(await pidOf(db), pid);
    assert.equal(pool.totalCount, 1);
  });
}

test("control: without it the statement goes on when its caller has left, and when its connection has", async (t) => {
  const pool = openPool(t);
  const { text, isRunning } = long();
  const client = await pool.connect();
  client.on("error", () => {});
  const answer = assert.rejects(client.query(text));
  await until("the statement", isRunning);

  client.release(true);
  await answer;

  assert.ok(await throughout(500, isRunning));
  await terminate(text);
});

test("a signal that has aborted before sends nothing, and one that aborts ends the wait for a client", async (t) => {
  const pool = openPool(t);
  const db = cancellable(pool);
  const reason = new Error("left");
  const isReason = (error: unknown): boolean => error === reason;
  await assert.rejects(
    db.query("insert into effects values ('none')", [], { signal: AbortSignal.abort(reason) }),
    isReason,
  );
  assert.equal(pool.totalCount, 0);

  const holder = await db.connect();
  const controller = new AbortController();
  const { signal } = controller;
  const waiting = [db.query("select 1", [], { signal }), db.connect({ signal })];
  const rejected = Promise.all(waiting.map((each) => assert.rejects(each, isReason)));
  assert.equal(pool.waitingCount, 2);
  controller.abort(reason);
  await rejected;
  holder.release();

  assert.equal((await db.query("select 1 as one")).rows[0]?.one, 1);
  assert.equal(pool.totalCount, 1);
  assert.equal((await observer.query("select from effects where name = 'none'")).rowCount, 0);
});

test("an abort before the server has begun with the statement ends it too", async (t) => {
  const db = cancellable(openPool(t));
  await db.query("select");
  await assertEndsEarly(t, (signal) => db.query("select pg_sleep(60)", [], { signal }));
});

test("in a transaction the statement ends, the rollback works, and the client goes back", async (t) => {
  const pool = openPool(t);
  const db = cancellable(pool);
  const client = await db.connect();
  const { text, isRunning } = long();
  const controller = new AbortController();
  const { signal } = controller;
  await client.query("begin");
  await client.query("insert into effects values ($1)", ["undone"], { signal });
  const rejected = assert.rejects(client.query(text, [], { signal }), /left/);
  // Queued behind it on the same client: it must not be hit, and learns what became of the transaction.
  const behind = assert.rejects(client.query("select 1"), { code: "25P02" });
  await until("the statement", isRunning);

  controller.abort(new Error("left"));
  await rejected;
  await behind;
  await client.query("rollback");
  client.release();

  assert.equal(pool.idleCount, 1);
  assert.equal((await db.query("select from effects where name = 'undone'")).rowCount, 0);
});

test("by the current signal a client that leaves ends its statement, and the rollback is still sent", async (t) => {
  const pool = openPool(t);
  const db = cancellable(pool);
  const { text, isRunning } = long();
  const visitor = await visit(t, async () => {
    const client = await db.connect();
    try {
      await client.query("begin");
      await client.query("insert into effects values ('by the current signal')");
      await client.query(text);
    } catch (error) {
      await client.query("rollback");
      throw error;
    } finally {
      client.release();
    }
  });
  await until("the statement", isRunning);

  visitor.leave();
  const ms = await until("its end", async () => !(await isRunning()));

  assert.ok(ms < 250, `${ms} ms`);
  assert.ok((await visitor.outcome) instanceof ClientGoneError);
  assert.equal(
    (await db.query("select from effects where name = 'by the current signal'")).rowCount,
    0,
  );
  assert.equal(pool.totalCount, 1);
});

test("a transaction within one text does not outlive its cancellation", async (t) => {
  const pool = openPool(t);
  const db = cancellable(pool);
  const { text, isRunning } = long("begin; ");
  const controller = new AbortController();
  const rejected = assert.rejects(db.query(text, [], { signal: controller.signal }), /left/);
  await until("the statement", isRunning);

  controller.abort(new Error("left"));
  await rejected;

  assert.equal((await db.query("select")).rowCount, 1);
});

test("an error of the statement's own is kept, and so is an answer that came before the abort", async (t) => {
  const db = cancellable(openPool(t));
  const controller = new AbortController();
  const { signal } = controller;

  await assert.rejects(db.query("select 1 / 0", [], { signal }), { code: "22012" });
  const { rows } = await db.query<{ two: number }>("select $1::int as two", [2], { signal });
  controller.abort();
  assert.deepEqual(rows, [{ two: 2 }]);
  const { rows: arrays } = await db.query<[number]>({ text: "select 3", rowMode: "array" });
  assert.deepEqual(arrays, [[3]]);
});

test("a cancellation at the moment of completion hits nobody else's statement", async (t) => {
  const pool = openPool(t, { max: 2 });
  const db = cancellable(pool);

  await assertHarmless(
    t,
    2_000,
    (signal) => db.query("select pg_sleep(0.001)", [], { signal }),
    () => pool.query("select pg_sleep(0.0005)"),
  );
  assert.equal(pool.totalCount, 2);
});

test("control: whoever does not wait for the cancellation's end hits others", async (t) => {
  const pool = openPool(t, { max: 2 });
  const run = async (signal: AbortSignal): Promise<unknown> => {
    const client = await pool.connect();
    const { processID, secretKey } = client as unknown as Record<string, number>;
    signal.addEventListener("abort", () => {
      const message = Buffer.alloc(16);
      [16, 80877102, processID as number, secretKey as number].forEach((value, index) =>
        message.writeInt32BE(value, index * 4),
      );
      net
        .connect(server.config.port, server.config.host)
        .on("error", () => {})
        .end(message);
    });
    try {
      return await client.query("select pg_sleep(0.001)");
    } catch {
      throw signal.reason;
    } finally {
      client.release();
    }
  };

  await assertHarmful(t, run, () => pool.query("select pg_sleep(0.0005)"));
});

test("a cancel request that overtakes its statement is repeated", async (t) => {
  const proxy = await startProxy(t, () => server.config.port);
  const pool = openPool(t, { port: proxy.port });
  const db = cancellable(pool);
  const pid = await pidOf(db);
  proxy.hold();
  const controller = new AbortController();
  const { text, isRunning } = long();
  const rejected = assert.rejects(db.query(text, [], { signal: controller.signal }), /left/);
  // It has to be on its way, or it is not sent at all.
  await setImmediate();
  controller.abort(new Error("left"));
  await sleep(100);
  assert.equal(await isRunning(), false);

  proxy.go();
  await rejected;

  assert.equal(await pidOf(db), pid);
});

test("a server that does not confirm costs the connection, and the error says so", async (t) => {
  // The pool's connection is let through, the one with the cancel request is not.
  const { port } = await startProxy(t, (index) => (index === 0 ? server.config.port : null));
  const pool = openPool(t, { port });
  const db = cancellable(pool, { timeout: 100 });
  const { text, isRunning } = long();
  const controller = new AbortController();
  const reason = new Error("left");
  const rejected = assert.rejects(db.query(text, [], { signal: controller.signal }), {
    code: "ERR_LASTCALL_NOT_CANCELLED",
    cause: reason,
  });
  await until("the statement", isRunning);

  controller.abort(reason);
  await rejected;

  assert.equal(pool.totalCount, 0);
  assert.ok(await isRunning());
  await terminate(text);
});

test("a statement that was quicker than a cancellation that fails resolves; the connection is closed", async (t) => {
  const { port } = await startProxy(t, (index) => (index === 0 ? server.config.port : null));
  const pool = openPool(t, { port });
  const db = cancellable(pool, { timeout: 200 });
  await pidOf(db);
  const controller = new AbortController();
  const answer = db.query("select pg_sleep(0.05)", [], { signal: controller.signal });
  await setImmediate();
  controller.abort();

  assert.equal((await answer).rowCount, 1);
  assert.equal(pool.totalCount, 0);
});

test("a connection that the server ends rejects its statement, and ends neither process nor pool", async (t) => {
  const pool = openPool(t);
  const db = cancellable(pool);
  const { text, isRunning } = long();
  const terminated = assert.rejects(db.query(text), { code: "57P01" });
  await until("the statement", isRunning);
  await terminate(text);
  await terminated;

  const client = await db.connect();
  await observer.query("select pg_terminate_backend($1)", [await pidOf(client)]);
  await until(
    "the end of the connection",
    async () =>
      !(await client.query("select").then(
        () => true,
        () => false,
      )),
  );
  client.release();

  assert.equal((await db.query("select")).rowCount, 1);
});

test("ending the pool rejects who waits for a client; control: pool.end() leaves them waiting", async (t) => {
  const pools = [openPool(t), openPool(t)] as const;
  const results: string[] = [];
  for (const [index, pool] of pools.entries()) {
    const holder = await pool.connect();
    const waiting = pool.connect().then(
      () => "connected",
      (error: { code: string }) => error.code,
    );
    const ended = index === 0 ? cancellable(pool).end() : pool.end();
    holder.release();
    await ended;
    // The pool has ended: nothing will ever come of what is still pending then.
    const pending = new Promise<string>((resolve) => setTimeout(resolve, 100, "pending"));
    results.push(await Promise.race([waiting, pending]));
  }
  assert.deepEqual(results, ["ERR_LASTCALL_STOPPING", "pending"]);
});
