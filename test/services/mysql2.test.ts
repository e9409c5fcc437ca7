import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { after, test, type TestContext } from "node:test";
import { setImmediate } from "node:timers/promises";

import { ClientGoneError } from "lastcall";
import { cancellable, type CancellablePool } from "lastcall/clients/mysql2";
import {
  createConnection,
  createPool,
  type Pool,
  type PoolOptions,
  type RowDataPacket,
} from "mysql2/promise";

import { startProxy } from "./proxy.js";
import { assertEndsEarly, assertHarmful, assertHarmless } from "./race.js";
import { startMariaDb } from "./servers/mariadb.js";
import { throughout, until } from "./until.js";
import { visit } from "./visit.js";

const server = await startMariaDb({ after });
const observer = await createConnection(server.admin);
// The server ends first.
observer.on("error", () => {});
after(() => observer.destroy());
await observer.query("CREATE TABLE effects (name TEXT)");

function openPool(t: TestContext, options: PoolOptions = {}): Pool {
  const pool = createPool({ ...server.config, connectionLimit: 1, ...options });
  t.after(() => pool.end());
  return pool;
}

/** A statement that would take a minute, and whether the server is at it. */
function long(): { sql: string; isRunning: () => Promise<boolean> } {
  const mark = randomUUID();
  return {
    sql: `SELECT SLEEP(60) /* ${mark} */`,
    isRunning: async () => {
      const [rows] = await observer.query<RowDataPacket[]>("SHOW FULL PROCESSLIST");
      return rows.some(({ Info, Command }) => Command !== "Sleep" && `${Info}`.includes(mark));
    },
  };
}

async function idOf(db: Pick<CancellablePool, "query">): Promise<number> {
  const [rows] = await db.query<RowDataPacket[]>("SELECT CONNECTION_ID() AS id");
  return rows[0]?.id as number;
}

for (const verb of ["query", "execute"] as const) {
  test(`an abort ends a statement of \`${verb}\` on the server, and the connection stays`, async (t) => {
    const db = cancellable(openPool(t));
    const id = await idOf(db);
    const { sql, isRunning } = long();
    const controller = new AbortController();
    const reason = new ClientGoneError();
    const rejected = assert.rejects(
      db[verb](sql, [], { signal: controller.signal }),
      (error) => error === reason,
    );
    await until("the statement", isRunning);
    controller.abort(reason);
    const ms = await until("its end", async () => !(await isRunning()));
    await rejected;

    t.diagnostic(`gone from the processlist after ${ms.toFixed(1)} ms`);
    assert.ok(ms < 250, `${ms} ms`);
    assert.equal(await idOf(db), id);
  });
}

test("control: without it the statement goes on when its connection has gone", async (t) => {
  const connection = await openPool(t).getConnection();
  const { sql, isRunning } = long();
  void connection.query(sql).catch(() => {});
  await until("the statement", isRunning);

  connection.destroy();

  assert.ok(await throughout(500, isRunning));
  await kill(isRunning, sql);
});

async function kill(isRunning: () => Promise<boolean>, sql: string): Promise<void> {
  const [rows] = await observer.query<RowDataPacket[]>("SHOW FULL PROCESSLIST");
  const found = rows.find(({ Info }) => Info === sql);
  await observer.query("KILL ?", [found?.Id]);
  await until("its end", async () => !(await isRunning()));
}

test("a signal that has aborted before sends nothing, and one that aborts ends the wait for a connection", async (t) => {
  const db = cancellable(openPool(t));
  const reason = new Error("left");
  const isReason = (error: unknown): boolean => error === reason;
  await assert.rejects(
    db.query("INSERT INTO effects VALUES ('none')", [], { signal: AbortSignal.abort(reason) }),
    isReason,
  );

  const holder = await db.getConnection();
  const controller = new AbortController();
  const { signal } = controller;
  const waiting = [db.query("SELECT 1", [], { signal }), db.getConnection({ signal })];
  const rejected = Promise.all(waiting.map((each) => assert.rejects(each, isReason)));
  await setImmediate();
  controller.abort(reason);
  await rejected;
  const id = await idOf(holder);
  holder.release();

  assert.equal(await idOf(db), id);
  const [rows] = await observer.query<RowDataPacket[]>("SELECT * FROM effects");
  assert.deepEqual(rows, []);
});

test("an abort before the server has begun with the statement ends it too", async (t) => {
  const db = cancellable(openPool(t));
  await idOf(db);
  for (const verb of ["query", "execute"] as const) {
    await assertEndsEarly(t, (signal) => db[verb]("SELECT SLEEP(60)", [], { signal }));
  }
});

test("in a transaction the statement ends, the rollback works, and the connection goes back", async (t) => {
  const db = cancellable(openPool(t));
  const connection = await db.getConnection();
  const { sql, isRunning } = long();
  const controller = new AbortController();
  const { signal } = controller;
  await connection.beginTransaction();
  await connection.query("INSERT INTO effects VALUES (?)", ["undone"], { signal });
  const rejected = assert.rejects(connection.query(sql, [], { signal }), /left/);
  // Queued behind it on the same connection: it must not be hit.
  const behind = connection.query<RowDataPacket[]>("SELECT SLEEP(0.01) AS hit");
  await until("the statement", isRunning);

  controller.abort(new Error("left"));
  await rejected;
  assert.deepEqual((await behind)[0], [{ hit: 0 }]);
  await connection.rollback();
  connection.release();

  const [rows] = await db.query<RowDataPacket[]>("SELECT * FROM effects WHERE name = 'undone'");
  assert.deepEqual(rows, []);
});

test("by the current signal a client that leaves ends its statement, and the rollback is still sent", async (t) => {
  const db = cancellable(openPool(t));
  const { sql, isRunning } = long();
  const visitor = await visit(t, async () => {
    const connection = await db.getConnection();
    try {
      await connection.query("START TRANSACTION");
      await connection.query("INSERT INTO effects VALUES ('by the current signal')");
      await connection.query(sql);
    } catch (error) {
      await connection.query("ROLLBACK");
      throw error;
    } finally {
      connection.release();
    }
  });
  await until("the statement", isRunning);

  visitor.leave();
  const ms = await until("its end", async () => !(await isRunning()));

  assert.ok(ms < 250, `${ms} ms`);
  assert.ok((await visitor.outcome) instanceof ClientGoneError);
  const [rows] = await db.query<RowDataPacket[]>(
    "SELECT * FROM effects WHERE name = 'by the current signal'",
  );
  assert.deepEqual(rows, []);
});

test("an error of the statement's own is kept, and so is an answer that came before the abort", async (t) => {
  const db = cancellable(openPool(t));
  const controller = new AbortController();
  const { signal } = controller;
  await assert.rejects(db.query("SELECT nothing", [], { signal }), { code: "ER_BAD_FIELD_ERROR" });
  const [rows] = await db.execute<RowDataPacket[]>("SELECT ? AS two", ["2"], { signal });
  controller.abort();
  assert.deepEqual(rows, [{ two: "2" }]);
});

/** The first connection leads to the server, the others elsewhere. */
const first =
  (others: number | null) =>
  (index: number): number | null =>
    index === 0 ? server.config.port : others;

test("a server that does not confirm costs the connection, and the error says so", async (t) => {
  const pool = openPool(t, { port: (await startProxy(t, first(null))).port });
  const db = cancellable(pool, { timeout: 100 });
  const { sql, isRunning } = long();
  const controller = new AbortController();
  const reason = new Error("left");
  const rejected = assert.rejects(db.query(sql, [], { signal: controller.signal }), {
    code: "ERR_LASTCALL_NOT_CANCELLED",
    cause: reason,
  });
  await until("the statement", isRunning);

  controller.abort(reason);
  await rejected;

  assert.ok(await isRunning());
  await kill(isRunning, sql);
});

test("behind a balancer the kill does not hit another server's connection of the same number", async (t) => {
  const other = await startMariaDb(t);
  const pool = openPool(t, { port: (await startProxy(t, first(other.config.port))).port });
  const db = cancellable(pool);
  const id = await idOf(db);
  // A connection with that very number on the other server.
  let bystander = await createConnection(other.config);
  while (bystander.threadId < id) {
    bystander.destroy();
    bystander = await createConnection(other.config);
  }
  t.after(() => bystander.destroy());
  assert.equal(bystander.threadId, id);
  const innocent = bystander.query<RowDataPacket[]>("SELECT SLEEP(0.5) AS hit");
  const { sql, isRunning } = long();
  const controller = new AbortController();
  const rejected = assert.rejects(db.query(sql, [], { signal: controller.signal }), {
    code: "ERR_LASTCALL_NOT_CANCELLED",
  });
  await until("the statement", isRunning);

  controller.abort(new Error("left"));
  await rejected;

  assert.deepEqual((await innocent)[0], [{ hit: 0 }]);
  await kill(isRunning, sql);
});

test("ending the pool rejects who waits for a connection", async () => {
  const db = cancellable(createPool({ ...server.config, connectionLimit: 1 }));
  const holder = await db.getConnection();
  const waiting = assert.rejects(db.query("SELECT 1"), /closed/);
  await setImmediate();
  await db.end();
  await waiting;
  holder.release();
});

test("a kill at the moment of completion hits nobody else's statement", async (t) => {
  const pool = openPool(t, { connectionLimit: 2 });
  const db = cancellable(pool);
  await assertHarmless(
    t,
    2_000,
    (signal) => db.query("SELECT SUM(SQRT(seq)) FROM seq_1_to_50000", [], { signal }),
    () => pool.query("SELECT SUM(SQRT(seq)) FROM seq_1_to_10000"),
  );
});

test("a kill at the end of a wait, for which MariaDB may take 2 s, hits nobody else's either", async (t) => {
  const pool = openPool(t, { connectionLimit: 2 });
  const db = cancellable(pool);
  await assertHarmless(
    t,
    500,
    (signal) => db.query("SELECT SLEEP(0.001)", [], { signal }),
    () => pool.query("SELECT SLEEP(0.0005)"),
  );
});

test("control: whoever does not wait for the kill's answer hits others", async (t) => {
  const pool = openPool(t, { connectionLimit: 2 });
  const killer = await createConnection(server.config);
  t.after(() => killer.end());
  const run = async (signal: AbortSignal): Promise<unknown> => {
    const connection = await pool.getConnection();
    signal.addEventListener("abort", () => {
      killer.query(`KILL QUERY ${connection.threadId}`).catch(() => {});
    });
    try {
      return await connection.query("SELECT SLEEP(0.001)");
    } catch {
      throw signal.reason;
    } finally {
      connection.release();
    }
  };

  await assertHarmful(t, run, () => pool.query("SELECT SLEEP(0.0005)"));
});
