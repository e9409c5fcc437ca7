/**
 * Loaded before a sample: what the page takes for granted, as globals, and the other end of the counting. A
 * sample's own names stand before these.
 *
 * @module
 */
import { EventEmitter, getEventListeners, once } from "node:events";
import http from "node:http";
import net, { type AddressInfo, type Socket } from "node:net";
import tls from "node:tls";
import { createRequire } from "node:module";
import { setImmediate as turn, setTimeout as pause } from "node:timers/promises";

import type * as nest from "@nestjs/common";
import type express from "express";
import { lastcall, requestSignal, type Service } from "lastcall";

import { certificate } from "../../harness/tls.js";

/** What a process is made of after a round, in numbers that must not grow. */
export interface Count {
  /** Bytes in use after a garbage collection. */
  readonly heap: number;
  /** Listeners, by what they listen to. */
  readonly listeners: Record<string, number>;
  /** Connections that the server has, which it should have got rid of. */
  readonly connections: number;
  /** Names of Node's own warnings. */
  readonly warnings: string[];
}

// Only where it is asked for: frameworks take their time.
const require = createRequire(import.meta.url);

let served: net.Server | undefined;
/** The `server` that a sample takes for granted, which it does not let listen. */
let spare: http.Server | undefined;
let service: Service | undefined;
const sockets = new Set<Socket>();
const warnings: string[] = [];
/** Signals that outlive requests; `watch` adds those of a sample. */
const signals = new Map<string, AbortSignal>();

process.on("warning", ({ name }) => warnings.push(name));

// Whatever port a sample names, it gets a free one.
const LOCAL = { port: 0, host: "127.0.0.1" };
// oxlint-disable-next-line typescript/unbound-method -- called with its server
const { listen } = net.Server.prototype;
net.Server.prototype.listen = function listenAnywhere(this: net.Server, ...given: unknown[]) {
  if (served === undefined) observe(this);
  const callback = given.find((each): each is () => void => typeof each === "function");
  return listen.call(this, LOCAL, callback);
} as typeof listen;

function observe(server: net.Server): void {
  served = server;
  // Whoever stays is not closed by a machine that is busy for longer than that.
  if (server instanceof http.Server) server.keepAliveTimeout = 60_000;
  server.on(server instanceof tls.Server ? "secureConnection" : "connection", (socket: Socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
  });
}

/** Made when a sample asks for it: most make their own. */
function lazy(name: string, make: () => unknown): void {
  let value: unknown;
  Object.defineProperty(globalThis, name, {
    configurable: true,
    get: () => (value ??= make()),
  });
}

const wait = (_: unknown, signal?: AbortSignal): Promise<void> =>
  pause(1, undefined, signal === undefined ? {} : { signal });

lazy("service", () => lastcall({ currentSignal: true, report: false }));
lazy("app", () => (require("express") as typeof express)());
lazy("AppModule", () => createModule());
lazy("server", () => {
  spare = http.createServer();
  return (globalThis as unknown as World).service.attach(spare);
});
/** Where another service answers, for code that calls one. */
lazy("neighbour", async () => {
  const server = http.createServer((_, res) => res.end("{}"));
  await once(listen.call(server, LOCAL), "listening");
  return `http://127.0.0.1:${portOf(server)}/`;
});

Object.assign(globalThis, {
  ...certificate,
  EventEmitter,
  once,
  pause,
  wait,
  requestSignal,
  pool: { end: wait },
  buildReport: async (...given: { signal?: AbortSignal }[]) => {
    await wait(undefined, given.at(-1)?.signal);
    return { rows: 1 };
  },
  yourErrorHandler: (_: Error, context: { text(body: string, status: number): unknown }) =>
    context.text("failed", 500),
  sendNext: ({ signal }: { signal: AbortSignal }) => wait(undefined, signal),
  watch: (name: string, signal: AbortSignal) => signals.set(name, signal),
  finish,
});

/** A module of Nest with one route, its decorators applied by hand. */
function createModule(): object {
  const { Controller, Get, Module } = require("@nestjs/common") as typeof nest;
  class Reports {
    report(): string {
      return "ok";
    }
  }
  Controller()(Reports);
  const route = Object.getOwnPropertyDescriptor(Reports.prototype, "report");
  Get("/report")(Reports.prototype, "report", route as PropertyDescriptor);
  // oxlint-disable-next-line typescript/no-extraneous-class -- what a module of Nest is
  const App = class {};
  Module({ controllers: [Reports] })(App);
  return App;
}

interface World {
  service: Service;
  app: http.RequestListener;
}

function portOf(server: net.Server): number {
  return (server.address() as AddressInfo).port;
}

/** Stands behind every sample: serves `handle`, or the `app`, where the sample serves nothing itself. */
async function finish(own: Service, handle?: http.RequestListener): Promise<void> {
  service = own;
  if (served === undefined) {
    const app = handle ?? (globalThis as unknown as World).app;
    (spare ?? own.attach(http.createServer(app))).listen(0);
  }
  if (served?.listening === false) await once(served, "listening");
  process.send?.(portOf(served as unknown as net.Server));
}

process.on("message", (staying: number) => void answer(staying));

/** Counts once no more than `staying` connections are left, or there were too many for two seconds. */
async function answer(staying: number): Promise<void> {
  for (let left = 200; left > 0 && sockets.size > staying; left--) await pause(10);
  process.send?.(await count(staying));
}

/** As if all stayed that may: how many of the clients' connections do is chance. */
function countOnSockets(all: (socket: Socket) => number, staying: number): number {
  const sum = [...sockets].reduce((total, socket) => total + all(socket), 0);
  return staying === 0 || sum === 0 ? sum : Math.round((sum / sockets.size) * staying);
}

async function count(staying: number): Promise<Count> {
  const abort = (signal: AbortSignal): number => getEventListeners(signal, "abort").length;
  const all = (emitter: NodeJS.EventEmitter): number =>
    emitter.eventNames().reduce((sum, name) => sum + emitter.listenerCount(name), 0);
  const listeners: Record<string, number> = {
    "service.stopping": service === undefined ? 0 : abort(service.stopping),
    "service.aborting": service === undefined ? 0 : abort(service.aborting),
    process: all(process),
    server: served === undefined ? 0 : all(served),
    sockets: countOnSockets(all, staying),
  };
  for (const [name, signal] of signals) listeners[name] = abort(signal);
  // What is released in one collection may hold what goes in the next.
  for (let i = 0; i < 4; i++) {
    globalThis.gc?.();
    await turn();
  }
  const connections = Math.max(0, sockets.size - staying);
  return { heap: process.memoryUsage().heapUsed, listeners, connections, warnings };
}
