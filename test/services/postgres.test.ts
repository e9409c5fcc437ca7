import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { after, test, type TestContext } from "node:test";
import { setImmediate } from "node:timers/promises";

import { ClientGoneError } from "lastcall";
import { cancellable, type CancellableTransaction } from "lastcall/clients/postgres";
import postgres from "postgres";

import { certificate } from "../harness/tls.js";
import { startProxy } from "./proxy.js";
import { assertEndsEarly, assertHarmful, assertHarmless } from "./race.js";
import { startPostgres } from "./servers/postgres.js";
import { throughout, until } from "./until.js";
import { visit } from "./visit.js";

type Config = postgres.Options<Record<string, never>>;

const server = await startPostgres({ after });
const observer = postgres({ ...server.config, max: 1, onnotice: () => {} });
after(() => observer.end({ timeout: 0 }));
await observer`create table effects (name text)`;

function open(t: TestContext, config: Config = {}): postgres.Sql {
  const sql = postgres({ ...server.config, max: 1, onnotice: () => {}, ...config });
  t.after(() => sql.end({ timeout: 0 }));
  return sql;
}

/** A statement that would take a minute, and whether the server is at it. */
function long(): { text: string; isRunning: () => Promise<boolean> } {
  const text = `select pg_sleep(60) /* ${randomUUID()} */`;
  return {
    text,
    isRunning: async () => {
      const found =
        await observer`select from pg_stat_activity where query = ${text} and state = 'active'`;
      return found.length === 1;
    },
  };
}

async function terminate(text: string): Promise<void> {
  await observer`select pg_terminate_backend(pid) from pg_stat_activity where query = ${text}`;
}

async function pidOf(db: CancellableTransaction, signal?: AbortSignal): Promise<number> {
  const rows = await db.query((sql) => sql<{ pid: number }[]>`select pg_backend_pid() as pid`, {
    signal,
  });
  return (rows[0] as { pid: number }).pid;
}

const ways: Record<string, () => Config> = {
  "over TCP": () => ({}),
  "over TLS": () => ({ host: "localhost", ssl: { ca: certificate.cert } }),
  "over a Unix socket": () => ({ host: server.socketFolder }),
};

for (const [way, config] of Object.entries(ways)) {
  test(`an abort ends the statement on the server ${way}, and the connection stays`, async (t) => {
    const db = cancellable(open(t, config()));
    const pid = await pidOf(db);
    const { text, isRunning } = long();
    const controller = new AbortController();
    const reason = new ClientGoneError();
    const rejected = assert.rejects(
      db.query((sql) => sql.unsafe(text), { signal: controller.signal }),
      (error) => error === reason,
    );
    await until("the statement", isRunning);
    controller.abort(reason);
    const ms = await until("its end", async () => !(await isRunning()));
    await rejected;

    t.diagnostic(`gone from pg_stat_activity after ${ms.toFixed(1)} ms`);
    assert.ok(ms < 250, `${ms} ms`);
    assert.equal(await pidOf(db), pid);
  });
}

test("control: without it the statement goes on when its pool has been ended", async (t) => {
  const sql = open(t);
  const { text, isRunning } = long();
  const answer = assert.rejects(sql.unsafe(text));
  await until("the statement", isRunning);

  await sql.end({ timeout: 0 });
  await answer;

  assert.ok(await throughout(500, isRunning));
  await terminate(text);
});

test("a signal that has aborted before sends nothing, and one that aborts ends the wait for a connection", async (t) => {
  const sql = open(t);
  const db = cancellable(sql);
  const reason = new Error("left");
  const isReason = (error: unknown): boolean => error === reason;
  await assert.rejects(
    db.query((on) => on`insert into effects values ('none')`, {
      signal: AbortSignal.abort(reason),
    }),
    isReason,
  );

  const holder = await sql.reserve();
  const controller = new AbortController();
  const { signal } = controller;
  const rejected = assert.rejects(
    db.query((on) => on`insert into effects values ('none')`, { signal }),
    isReason,
  );
  await setImmediate();
  controller.abort(reason);
  await rejected;
  holder.release();

  await pidOf(db, new AbortController().signal);
  assert.equal((await observer`select from effects where name = 'none'`).length, 0);
});

test("an abort before the server has begun with the statement ends it too", async (t) => {
  const db = cancellable(open(t));
  await pidOf(db);
  await assertEndsEarly(t, (signal) => db.query((sql) => sql`select pg_sleep(${60})`, { signal }));
});

test("a cancel request that overtakes its statement is repeated", async (t) => {
  const proxy = await startProxy(t, () => server.config.port);
  const db = cancellable(open(t, { port: proxy.port }));
  const pid = await pidOf(db);
  proxy.hold();
  const controller = new AbortController();
  const { text, isRunning } = long();
  const { signal } = controller;
  const rejected = assert.rejects(
    db.query((sql) => sql.unsafe(text), { signal }),
    /left/,
  );
  await setImmediate();
  controller.abort(new Error("left"));
  assert.ok(await throughout(100, async () => !(await isRunning())));

  proxy.go();
  await rejected;

  assert.equal(await pidOf(db), pid);
});

test("in a transaction the statement ends, and the rollback works", async (t) => {
  const sql = open(t);
  const db = cancellable(sql);
  const { text, isRunning } = long();
  const controller = new AbortController();
  const { signal } = controller;
  const reason = new Error("left");

  const rejected = assert.rejects(
    db.begin(async (transaction) => {
      await transaction.query((on) => on`insert into effects values ('undone')`, { signal });
      await transaction.query((on) => on.unsafe(text), { signal });
    }),
    (error) => error === reason,
  );
  await until("the statement", isRunning);
  controller.abort(reason);
  await rejected;

  assert.equal((await sql`select from effects where name = 'undone'`).length, 0);
});

test("by the current signal a client that leaves ends its statement, and the rollback is still sent", async (t) => {
  const db = cancellable(open(t));
  const { text, isRunning } = long();
  const visitor = await visit(t, () =>
    db.begin(async (on) => {
      await on.query((sql) => sql`insert into effects values ('by the current signal')`);
      await on.query((sql) => sql.unsafe(text));
    }),
  );
  await until("the statement", isRunning);

  visitor.leave();
  const ms = await until("its end", async () => !(await isRunning()));

  assert.ok(ms < 250, `${ms} ms`);
  assert.ok((await visitor.outcome) instanceof ClientGoneError);
  const found = await db.query(
    (sql) => sql`select from effects where name = 'by the current signal'`,
  );
  assert.equal(found.length, 0);
});

test("a transaction commits, and ends with its connection without ending the process", async (t) => {
  const db = cancellable(open(t));
  const inserted = await db.begin((on) =>
    on.query((sql) => sql`insert into effects values ('done')`),
  );
  assert.equal(inserted.count, 1);
  assert.equal((await observer`select from effects where name = 'done'`).length, 1);

  const { text, isRunning } = long();
  const rejected = assert.rejects(
    db.begin(async (on) => {
      await on.query((sql) => sql.unsafe(text)).catch(() => {});
      return on.query((sql) => sql`select`);
    }),
    { code: "CONNECTION_CLOSED" },
  );
  await until("the statement", isRunning);
  await terminate(text);
  await rejected;
});

test("an error of the statement's own is kept, and so is an answer that came before the abort", async (t) => {
  const db = cancellable(open(t));
  const controller = new AbortController();
  const { signal } = controller;
  await assert.rejects(
    db.query((sql) => sql`select 1 / 0`, { signal }),
    { code: "22012" },
  );
  const rows = await db.query((sql) => sql<[{ two: number }]>`select ${2}::int as two`, { signal });
  controller.abort();
  assert.equal(rows[0].two, 2);
  assert.equal((await db.query((sql) => sql`select`)).length, 1);
  await assert.rejects(db.query((() => 1) as never, { signal: new AbortController().signal }), {
    code: "ERR_LASTCALL_ARGUMENT",
  });
});

test("a cancellation at the moment of completion hits nobody else's statement", async (t) => {
  const sql = open(t, { max: 2 });
  const db = cancellable(sql);
  await assertHarmless(
    t,
    2_000,
    (signal) => db.query((on) => on`select pg_sleep(0.001)`, { signal }),
    async () => sql`select pg_sleep(0.0005)`,
  );
});

test("control: `query.cancel()` of postgres.js hits others", async (t) => {
  const sql = open(t, { max: 2 });
  const run = async (signal: AbortSignal): Promise<unknown> => {
    const query = sql`select pg_sleep(0.001)`;
    signal.addEventListener("abort", () => {
      // Before it is the connection's turn, `cancel` would take the connection out of use for ever.
      if ((query as unknown as { active: boolean }).active) query.cancel();
    });
    try {
      return await query;
    } catch {
      throw signal.reason;
    }
  };

  await assertHarmful(t, run, async () => sql`select pg_sleep(0.0005)`);
});

test("a server that does not confirm is reported, and the connection is not used before it has answered", async (t) => {
  const { port } = await startProxy(t, (index) => (index === 0 ? server.config.port : null));
  const sql = open(t, { port });
  const db = cancellable(sql, { timeout: 100 });
  const { text, isRunning } = long();
  const controller = new AbortController();
  const reason = new Error("left");
  const rejected = assert.rejects(
    db.query((on) => on.unsafe(text), { signal: controller.signal }),
    { code: "ERR_LASTCALL_NOT_CANCELLED", cause: reason },
  );
  await until("the statement", isRunning);

  controller.abort(reason);
  await rejected;

  assert.ok(await isRunning());
  await terminate(text);
});

test("a connection that the server ends rejects its statement, and ends neither process nor pool", async (t) => {
  const db = cancellable(open(t));
  const { text, isRunning } = long();
  const { signal } = new AbortController();
  const rejected = assert.rejects(
    db.query((sql) => sql.unsafe(text), { signal }),
    { code: "CONNECTION_CLOSED" },
  );
  await until("the statement", isRunning);
  await terminate(text);
  await rejected;
  // The first one that follows is told what the server said last.
  const isBack = (): Promise<boolean> =>
    pidOf(db, signal).then(
      () => true,
      () => false,
    );
  await until("the pool", isBack);
});

test("ending the pool waits for what runs, and rejects who waits for a connection", async (t) => {
  const sql = open(t);
  const db = cancellable(sql);
  const { signal } = new AbortController();
  const { text, isRunning } = long();
  const running = assert.rejects(
    db.query((on) => on.unsafe(text), { signal }),
    { code: "57014" },
  );
  await until("the statement", isRunning);
  const waiting = assert.rejects(
    db.query((on) => on`select`, { signal }),
    { code: "ERR_LASTCALL_STOPPING" },
  );
  let isEnded = false;
  const ended = db.end().then(() => (isEnded = true));
  await waiting;
  assert.equal(isEnded, false);
  await observer`select pg_cancel_backend(pid) from pg_stat_activity where query = ${text}`;
  await Promise.all([running, ended]);
  await assert.rejects(
    db.query((on) => on`select`, { signal }),
    { code: "ERR_LASTCALL_STOPPING" },
  );
});

test("no connection is lost where making one fails, or with `fetch_types: false`; control: `sql.reserve()` waits for ever", async (t) => {
  // Nobody listens there.
  const sql = open(t, { fetch_types: false, backoff: false, port: 1 });
  const db = cancellable(sql);
  const { signal } = new AbortController();
  await assert.rejects(pidOf(db, signal), { code: "ECONNREFUSED" });
  sql.options.port[0] = server.config.port;
  assert.equal(await pidOf(db, signal), await pidOf(db, signal));

  let isReserved = false;
  const reserve = async (): Promise<void> => {
    await open(t, { fetch_types: false }).reserve();
    isReserved = true;
  };
  void reserve().catch(() => {});
  assert.ok(await throughout(300, async () => !isReserved));
});
