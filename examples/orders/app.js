// @ts-check
import express from "express";
import { aborted, carrySignal } from "lastcall/express";

const CACHE_SECONDS = 60;

/**
 * @typedef {object} Parts
 * @property {import("lastcall").Service} service
 * @property {import("lastcall/clients/pg").CancellablePool} db
 * @property {Pick<ReturnType<typeof import("redis").createClient>, "get" | "set">} cache
 * @property {import("./outbox.js").Outbox} outbox
 */

/**
 * HTTP → PostgreSQL → Redis → Kafka.
 *
 * @param {Parts} parts
 */
export function createApp({ service, db, cache, outbox }) {
  const app = express();
  carrySignal(app);
  app.use(express.json());

  app.post("/orders", async (req, res) => {
    const { id, product, quantity } = req.body;
    await db.query("insert into orders values ($1, $2, $3)", [id, product, quantity], {
      signal: req.signal,
    });
    res.status(201).json({ id });
    service.waitUntil(outbox.publish({ id, product, quantity }), { name: "outbox", request: req });
  });

  app.get("/orders/:id", async (req, res) => {
    const { id } = req.params;
    const cached = await cache.get(`order:${id}`);
    if (cached !== null) return void res.json(JSON.parse(cached));
    const { rows } = await db.query("select * from orders where id = $1", [id], {
      signal: req.signal,
    });
    if (rows[0] === undefined) return void res.status(404).json({ error: "no such order" });
    await cache.set(`order:${id}`, JSON.stringify(rows[0]), { EX: CACHE_SECONDS });
    res.json(rows[0]);
  });

  // Two seconds of work for the database, whether or not a client still waits.
  app.get("/report", async (req, res) => {
    const sum = "select product, sum(quantity) from orders, pg_sleep(2) group by product";
    const { rows } = await db.query(sum, [], { signal: req.signal });
    res.json(rows);
  });

  app.use(aborted());
  return app;
}
