// One entry for each stack: what it stands on, how its program is started, what its clients do and what they lost.
import { EventEmitter } from "node:events";
import { readFileSync } from "node:fs";
import path from "node:path";
import grpc from "@grpc/grpc-js";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import { ClientProxyFactory, Transport } from "@nestjs/microservices";
import {
  createTRPCClient,
  createWSClient,
  httpLink,
  httpSubscriptionLink,
  splitLink,
  wsLink,
} from "@trpc/client";
import { createClient } from "graphql-ws";
import { firstValueFrom } from "rxjs";
import { io } from "socket.io-client";
import { WebSocket, WebSocketServer } from "ws";
import { clock } from "./grpc-clock.mjs";
import {
  balancer,
  Count,
  eventSource,
  goesAway,
  LAG,
  load,
  once,
  openWebSocket,
  receiver,
  serve,
  sleep,
} from "./lib.mjs";

/** What stands behind a gateway. */
async function upstream() {
  const served = await serve((req, res) => {
    setTimeout(() => res.end("ok"), req.url === "/slow" ? 1_500 : 0);
  });
  const sockets = new WebSocketServer({ server: served.server });
  sockets.on("connection", (socket) => {
    const tick = setInterval(() => socket.send("tick"), 20);
    socket.on("close", () => clearInterval(tick)).on("error", () => {});
  });
  return { ...served, url: `http://127.0.0.1:${served.port}` };
}

const behind = {
  before: async () => ({ upstream: await upstream() }),
  settings: ({ upstream: { url } }) => ({ env: { UPSTREAM: url } }),
};

/** HTTP under load, and WebSockets that are open at the signal. */
const webSockets =
  (path, { http = true, slow = null } = {}) =>
  async ({ app }) => {
    const count = new Count();
    const url = `ws://127.0.0.1:${app.port}${path}`;
    const open = await Promise.all(Array.from({ length: 10 }, () => openWebSocket(WebSocket, url)));
    const requests = http ? load(count, app.port, { slow }) : undefined;
    await sleep(300);
    return {
      count,
      leave: async () => {
        await Promise.all([requests?.leave(), ...open.map((each) => goesAway(count, each))]);
      },
    };
  };

/** Event streams that are open at the signal. */
const streams =
  (path, { slow = null, isWhole = false } = {}) =>
  async ({ app }) => {
    const count = new Count();
    const open = await Promise.all(
      Array.from({ length: 5 }, () => eventSource(app.port, path, { isWhole })),
    );
    const requests = load(count, app.port, { slow });
    await sleep(300);
    return {
      count,
      leave: async () => {
        await Promise.all([
          requests.leave(),
          ...open.map(({ ended }) => count.one("event stream", () => ended)),
        ]);
      },
    };
  };

const both = (one, other) => async (context) => {
  const [first, second] = [await one(context), await other(context)];
  return {
    count: first.count,
    leave: async () => {
      await Promise.all([first.leave(), second.leave()]);
      first.count.sent += second.count.sent;
      first.count.lost.push(...second.count.lost);
    },
  };
};

/**
 * Clients of a balancer's, each of which calls again and again until the service is gone, with a slow call in flight at the
 * signal: `pause` ms lie between two calls.
 */
async function callAlong({ app, other, front, count }, { clients, call, what, pause }) {
  const isOver = new AbortController();
  const loops = clients.map(async (client) => {
    while (!isOver.signal.aborted) {
      await count.one(what, () => call(client, "now"));
      await sleep(pause);
    }
  });
  const slow = clients.map((client) => count.one(`slow ${what}`, () => call(client, "slow")));
  await sleep(300);
  return {
    count,
    leave: async () => {
      await sleep(LAG);
      front.takeOut(app.port);
      await Promise.all([app.exited, ...slow]);
      await sleep(300);
      isOver.abort();
      await Promise.all(loops);
      for (const client of clients) client.close();
      front.close();
      other.child.kill("SIGKILL");
    },
  };
}

/** Clients of socket.io, half of them over long polling: each must be connected to the other instance in the end. */
const socketIo = (recipe) => async (context) => {
  const { app, start } = context;
  const count = new Count();
  const other = await start(recipe);
  const front = await balancer([app.port, other.port]);
  const clients = [["websocket"], ["polling"], ["polling", "websocket"]].flatMap((transports) =>
    Array.from({ length: 4 }, () =>
      io(`http://127.0.0.1:${front.port}`, {
        transports,
        upgrade: transports.length > 1,
        forceNew: true,
        reconnectionDelay: 50,
        reconnectionDelayMax: 200,
      }),
    ),
  );
  await Promise.all(clients.map((client) => once(client, "connect")));
  const isOver = new AbortController();
  // What is asked while there is a connection gets its answer. Those that poll alone are silent, so that their request
  // waits at the signal: each answer would send them to the other instance.
  const asking = clients
    .filter(({ io: { opts } }) => opts.upgrade || !opts.transports.includes("polling"))
    .map(async (client) => {
      while (!isOver.signal.aborted) {
        if (client.connected) {
          await count.one("question", async () => {
            const answered = new Promise((resolve) => client.emit("ask", "you", resolve));
            const gone = new Promise((resolve) => client.once("disconnect", resolve));
            const answer = await Promise.race([answered, gone]);
            if (answer === undefined) throw new Error("no answer");
          });
        }
        await sleep(100);
      }
    });
  const ends = clients.map((client) => {
    const again = once(client, "connect");
    return count.one("connection", async () => {
      const late = sleep(8_000, "late", { ref: false });
      if ((await Promise.race([again, late])) === "late") throw new Error("is not connected again");
    });
  });
  return {
    count,
    leave: async () => {
      await sleep(LAG);
      front.takeOut(app.port);
      await Promise.all(ends);
      isOver.abort();
      await Promise.all(asking);
      for (const client of clients) client.close();
      front.close();
      other.child.kill("SIGKILL");
      await app.exited;
      // An adapter that tells nobody: whoever was connected would be overdue, and found out by itself.
      const report = app.out.split("\n").find((line) => line.startsWith('{"lastcall":"drain"'));
      const { goodbyes, outcome } = JSON.parse(report ?? '{"goodbyes":{"overdue":1}}');
      if (goodbyes.overdue > 0 || outcome !== "clean")
        count.lost.push(`overdue ${goodbyes.overdue}, ${outcome}`);
    },
  };
};

/** A collector, and requests of which each makes one entry there: all of them must arrive. */
const collected = (entries, { path = "/" } = {}) => ({
  before: async () => {
    const collector = await receiver();
    return { collector, close: collector.close };
  },
  clients: async ({ app, collector, work }) => {
    const count = new Count();
    const requests = load(count, app.port, { path });
    await sleep(500);
    return {
      count,
      leave: async () => {
        await requests.leave();
        await app.exited;
        const answered = count.sent - count.lost.length;
        const found = entries(collector?.bodies ?? [], work);
        if (found < answered)
          count.lost.push(`${answered - found} of ${answered} entries did not arrive`);
      },
    };
  },
});

const spansOf = (bodies) =>
  bodies
    .filter(({ url }) => url === "/v1/traces")
    .flatMap(({ body }) => JSON.parse(body).resourceSpans)
    .flatMap(({ scopeSpans }) => scopeSpans)
    .filter(({ scope }) => scope.name === "app")
    .flatMap(({ spans }) => spans).length;

const otel = ({ collector }) => ({
  OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${collector.port}`,
  OTEL_EXPORTER_OTLP_PROTOCOL: "http/json",
  OTEL_TRACES_EXPORTER: "otlp",
  OTEL_METRICS_EXPORTER: "none",
  OTEL_LOGS_EXPORTER: "none",
  OTEL_NODE_RESOURCE_DETECTORS: "none",
});

const REGISTER = ["--import", "@opentelemetry/auto-instrumentations-node/register"];

/** A collector that takes what it is sent and never answers: it costs its timeout, and no request. */
const dead = (recipe, settings) => ({
  recipe,
  hasNoControl: true,
  before: async () => {
    const collector = await receiver(() => {});
    return { collector, close: collector.close };
  },
  settings,
  clients: async ({ app }) => {
    const count = new Count();
    const requests = load(count, app.port);
    await sleep(500);
    return { count, leave: requests.leave };
  },
});

export const stacks = {
  "http-proxy": { recipe: "http-proxy", ...behind, clients: webSockets("/", { slow: "/slow" }) },
  "http-proxy-middleware": {
    recipe: "http-proxy-middleware",
    ...behind,
    clients: webSockets("/", { slow: "/slow" }),
  },
  hono: { recipe: "hono", ...behind, clients: streams("/events", { slow: "/slow" }) },
  ws: { recipe: "ws", clients: webSockets("/") },
  "fastify-websocket": { recipe: "fastify-websocket", clients: webSockets("/ws") },
  "nest-12": {
    recipe: "nest",
    clients: both(
      streams("/events", { slow: "/slow", isWhole: true }),
      webSockets("/ws", { http: false }),
    ),
  },
  "nest-11": {
    recipe: "nest",
    isNest11: true,
    clients: both(
      streams("/events", { slow: "/slow", isWhole: true }),
      webSockets("/ws", { http: false }),
    ),
  },
  "nest-socket-io": {
    recipe: "nest-socket-io",
    leftOut: /closeSocketIo\(service.*;/,
    clients: socketIo("nest-socket-io"),
  },
  "socket-io": {
    recipe: "socket-io",
    leftOut: /closeSocketIo\(service.*;/,
    clients: socketIo("socket-io"),
  },

  "nest-microservice": {
    recipe: "nest-microservice",
    clients: async ({ app, start }) => {
      const count = new Count();
      const other = await start("nest-microservice");
      const front = await balancer([app.port, other.port]);
      const clients = [1, 2, 3].map(() =>
        ClientProxyFactory.create({ transport: Transport.TCP, options: { port: front.port } }),
      );
      await Promise.all(clients.map((client) => client.connect()));
      const call = (client, name) => firstValueFrom(client.send(name, {}));
      return callAlong({ app, other, front, count }, { clients, call, what: "message", pause: 30 });
    },
  },

  trpc: {
    recipe: "trpc",
    clients: async ({ app }) => {
      const count = new Count();
      const url = `http://127.0.0.1:${app.port}`;
      const ws = createWSClient({ url: `ws://127.0.0.1:${app.port}`, WebSocket });
      const client = createTRPCClient({
        links: [
          splitLink({
            condition: ({ type, context }) => type === "subscription" && context.ws === true,
            true: wsLink({ client: ws }),
            false: splitLink({
              condition: ({ type }) => type === "subscription",
              true: httpSubscriptionLink({ url, EventSource: FetchEventSource }),
              false: httpLink({ url }),
            }),
          }),
        ],
      });
      const subscribe = (overWebSocket) =>
        new Promise((resolve) => {
          let isFirst = true;
          const subscription = client.ticks.subscribe(undefined, {
            context: { ws: overWebSocket },
            onData: () => {
              if (isFirst) resolve(subscription);
              isFirst = false;
            },
            onError: (error) => count.lost.push(`subscription: ${error.message}`),
          });
        });
      const open = [await subscribe(true), await subscribe(false)];
      const plain = await Promise.all([1, 2, 3].map(() => eventSource(app.port, "/ticks")));
      const { code } = await new Promise((resolve) => {
        const opened = ws.connection?.ws;
        resolve({ code: once(opened, "close").then(([first]) => first.code ?? first) });
      });
      const requests = load(count, app.port, { path: "/hello", slow: "/slow" });
      await sleep(300);
      return {
        count,
        leave: async () => {
          await Promise.all([
            requests.leave(),
            goesAway(count, { closed: code }),
            ...plain.map(({ ended }) => count.one("event stream", () => ended)),
          ]);
          for (const each of open) each.unsubscribe();
          await ws.close();
        },
      };
    },
  },

  "graphql-ws": {
    recipe: "graphql-ws",
    clients: async ({ app }) => {
      const count = new Count();
      const codes = new EventEmitter();
      const client = createClient({
        url: `ws://127.0.0.1:${app.port}/graphql`,
        webSocketImpl: WebSocket,
        retryAttempts: 0,
        on: { closed: (event) => codes.emit("closed", event.code) },
      });
      const closed = once(codes, "closed").then(([code]) => code);
      await new Promise((resolve) => {
        client.subscribe(
          { query: "subscription { tick }" },
          { next: resolve, error: () => {}, complete: () => {} },
        );
      });
      const requests = load(count, app.port, { slow: null });
      await sleep(300);
      return {
        count,
        leave: async () => {
          await Promise.all([requests.leave(), goesAway(count, { closed })]);
          await client.dispose();
        },
      };
    },
  },

  mcp: {
    recipe: "mcp",
    clients: async ({ app }) => {
      const count = new Count();
      const url = new URL(`http://127.0.0.1:${app.port}/mcp`);
      const clients = await Promise.all(
        [1, 2, 3].map(async () => {
          const client = new Client({ name: "tests", version: "1.0.0" });
          client.onerror = () => {};
          await client.connect(new StreamableHTTPClientTransport(url));
          return client;
        }),
      );
      const calls = clients.map((client) =>
        count.one("tool call", () =>
          client.callTool({ name: "time", arguments: {} }, undefined, { timeout: 6_000 }),
        ),
      );
      await sleep(300);
      return {
        count,
        leave: async () => {
          await Promise.all(calls);
          await app.exited;
          await Promise.all(clients.map((client) => client.close()));
        },
      };
    },
  },

  grpc: {
    recipe: "grpc",
    clients: async ({ app, start }) => {
      const count = new Count();
      const other = await start("grpc");
      const front = await balancer([app.port, other.port]);
      const Clock = grpc.makeGenericClientConstructor(clock, "Clock");
      const clients = [1, 2, 3].map(
        (channel) =>
          new Clock(`127.0.0.1:${front.port}`, grpc.credentials.createInsecure(), { channel }),
      );
      const call = (client, name) =>
        new Promise((resolve, reject) => {
          client[name]({}, (error, answer) => (error ? reject(error) : resolve(answer)));
        });
      return callAlong({ app, other, front, count }, { clients, call, what: "call", pause: 10 });
    },
  },

  otel: { recipe: "otel", ...collected(spansOf), settings: (ground) => ({ env: otel(ground) }) },
  "otel-register": {
    recipe: "otel-register",
    ...collected(spansOf),
    settings: (ground) => ({ args: REGISTER, env: otel(ground) }),
  },
  "otel-dead": dead("otel", (ground) => ({ env: otel(ground) })),
  sentry: {
    recipe: "sentry",
    ...collected((bodies) => {
      const events = bodies.map(({ body }) => body.toString()).join("\n");
      // The last word of the drain too.
      return (
        (events.match(/"message":"asked for/g) ?? []).length +
        (events.includes("the pool is closed") ? 0 : -1)
      );
    }),
    settings: ({ collector }) => ({
      env: { SENTRY_DSN: `http://key@127.0.0.1:${collector.port}/1` },
    }),
  },
  "sentry-dead": dead("sentry", ({ collector }) => ({
    env: { SENTRY_DSN: `http://key@127.0.0.1:${collector.port}/1` },
  })),
  "dd-trace": {
    recipe: "dd-trace",
    // Its spans are MessagePack; each request has one, whose resource is named so.
    ...collected((bodies) => {
      const spans = bodies
        .filter(({ url }) => /traces/.test(url))
        .map(({ body }) => body.toString("latin1"));
      return (spans.join("").match(/web\.request/g) ?? []).length;
    }),
    settings: ({ collector }) => ({
      args: ["--import", "dd-trace/initialize.mjs"],
      env: {
        DD_TRACE_AGENT_URL: `http://127.0.0.1:${collector.port}`,
        DD_INSTRUMENTATION_TELEMETRY_ENABLED: "false",
        DD_REMOTE_CONFIGURATION_ENABLED: "false",
        DD_TRACE_STARTUP_LOGS: "false",
      },
    }),
  },
  pino: {
    recipe: "pino",
    ...collected((_bodies, work) => {
      const lines = readFileSync(path.join(work, "log"), "utf8").trim().split("\n");
      const answered = lines.filter((line) => line.includes('"answered"')).length;
      // The last phase that a hook sees is in it too.
      return lines.some((line) => line.includes('"phase":"closing"')) ? answered : 0;
    }),
    settings: () => ({ env: { LOG: "log" } }),
  },
};

/** tRPC wants a class; this is as much of it as it uses. */
class FetchEventSource extends EventTarget {
  static CONNECTING = 0;
  static OPEN = 1;
  static CLOSED = 2;
  readyState = 0;
  #abort = new AbortController();

  constructor(url) {
    super();
    void this.#run(String(url));
  }

  async #run(url) {
    try {
      const res = await fetch(url, {
        headers: { Accept: "text/event-stream" },
        signal: this.#abort.signal,
      });
      this.readyState = 1;
      this.dispatchEvent(new Event("open"));
      let text = "";
      for await (const chunk of res.body.pipeThrough(new TextDecoderStream())) {
        const events = (text + chunk).split("\n\n");
        text = events.pop();
        for (const event of events) {
          const fields = Object.fromEntries(
            event.split("\n").map((line) => line.match(/^(\w+): ?(.*)$/s)?.slice(1) ?? ["", ""]),
          );
          this.dispatchEvent(
            new MessageEvent(fields.event ?? "message", {
              data: fields.data,
              lastEventId: fields.id,
            }),
          );
        }
      }
    } catch {
      // As an EventSource: it would connect again.
    }
  }

  close() {
    this.readyState = 2;
    this.#abort.abort();
  }
}
