import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import net from "node:net";
import { once } from "node:events";
import { test } from "node:test";
import { setImmediate } from "node:timers/promises";

import { startKafka } from "./servers/kafka.js";
import { startMariaDb } from "./servers/mariadb.js";
import { startPostgres } from "./servers/postgres.js";
import { startRabbitMq } from "./servers/rabbitmq.js";
import { startRedis } from "./servers/redis.js";
import type { Scope, Server } from "./servers/server.js";

const starts: Record<string, (scope: Scope) => Promise<Server & { port: number }>> = {
  PostgreSQL: async (scope) => {
    const server = await startPostgres(scope);
    return { ...server, port: server.config.port };
  },
  MariaDB: async (scope) => {
    const server = await startMariaDb(scope);
    return { ...server, port: server.config.port };
  },
  Redis: startRedis,
  RabbitMQ: async (scope) => {
    const server = await startRabbitMq(scope);
    return { ...server, port: Number(new URL(server.url).port) };
  },
  Kafka: async (scope) => {
    const server = await startKafka(scope);
    return { ...server, port: Number(server.broker.split(":")[1]) };
  },
};

/** Every process below this one. */
function descendants(of: number): number[] {
  const children = pids().filter((pid) => parentOf(pid) === of);
  return children.flatMap((pid) => [pid, ...descendants(pid)]);
}

function pids(): number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
}

/** proc(5): `pid (name) state ppid …`. A process that has just gone has no parent. */
function parentOf(pid: number): number | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return Number(stat.slice(stat.lastIndexOf(")")).split(" ")[2]);
  } catch {
    return null;
  }
}

for (const [name, start] of Object.entries(starts)) {
  test(`${name} takes connections, and leaves no process and no folder behind`, async (t) => {
    const stops: (() => Promise<void>)[] = [];
    t.after(() => Promise.all(stops.map((stop) => stop())));
    const server = await start({ after: (stop) => stops.push(stop) });
    const socket = net.connect(server.port, "127.0.0.1").on("error", () => {});
    t.after(() => socket.destroy());
    await once(socket, "connect");
    const processes = descendants(process.pid);
    assert.ok(processes.includes(server.pid), `${server.pid} is not among ${processes.join()}`);
    const folder = readlinkSync(`/proc/${server.pid}/cwd`);
    assert.ok(existsSync(folder), folder);

    for (const stop of stops) await stop();
    while (processes.some((pid) => parentOf(pid) !== null)) await setImmediate();
    assert.equal(existsSync(folder), false);
  });
}
