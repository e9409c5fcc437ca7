// @ts-check
import { createServer } from "node:http";
import { Kafka, logLevel } from "kafkajs";
import { lastcall } from "lastcall";
import { produce } from "lastcall/clients/kafkajs";
import { cancellable } from "lastcall/clients/pg";
import { Pool } from "pg";
import { createClient } from "redis";
import { createApp } from "./app.js";
import { createOutbox } from "./outbox.js";

const { DATABASE_URL, REDIS_URL, KAFKA_BROKERS = "", PORT = "3000" } = process.env;

const service = lastcall({ gracePeriod: 10_000, lameDuck: { max: 1_000 } });

// What is opened first is closed last: hooks run in the reverse order of registration.
const db = cancellable(new Pool({ connectionString: DATABASE_URL }));
service.hook("postgres", () => db.end());

const cache = createClient({ url: REDIS_URL ?? "redis://127.0.0.1" });
cache.on("error", (error) => console.error("redis:", error));
await cache.connect();
service.hook("redis", () => cache.close());

const kafka = new Kafka({ brokers: KAFKA_BROKERS.split(","), logLevel: logLevel.ERROR });
const producer = kafka.producer();
await producer.connect();
const outbox = createOutbox(produce(service, producer));

await db.query(
  "create table if not exists orders (id text primary key, product text not null, quantity int not null)",
);
const app = createApp({ service, db, cache, outbox });
service.attach(createServer(app)).listen(PORT);
