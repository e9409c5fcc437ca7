import type { Sample } from "../samples.js";
import type { Kind } from "./clients.js";

/** How a sample is put to work. */
export interface Plan {
  /** What its clients do. Default: `requests`. */
  readonly clients?: Kind;
  /** Default: `/`. */
  readonly path?: string;
  /** How many clients are counted; half as many come before. Default: 600. */
  readonly count?: number;
  /** What the page imports elsewhere. */
  readonly imports?: string;
  /** What the page takes for granted beside the globals of `world.ts`: functions and variables. */
  readonly given?: string;
  /** What sets the sample going where it only declares it, as an expression. */
  readonly once?: string;
  /** What answers requests where no server of the sample does, as an expression of `req` and `res`. Default: the global `app`. */
  readonly answer?: string;
  /** Pieces of the sample, and what stands for them here: a path, a handler that is left out. */
  readonly replace?: Readonly<Record<string, string>>;
  /** It serves nothing: it is only run. */
  readonly isScript?: true;
  readonly isTls?: true;
}

/** Why a sample is not run here, and the test that runs what it shows. */
export interface Exception {
  readonly why: string;
  readonly tested: string;
}

/** What needs a server that `npm test` has not. */
function needs(server: string, client: string): Exception {
  return { why: `needs ${server}`, tested: `test/services/${client}.test.ts` };
}

const LASTCALL = 'import { lastcall } from "lastcall";';

/** The recipes of docs/your-stack.md: their packages are not installed here. */
const recipe: Exception = { why: "needs other packages", tested: "scripts/stacks.mjs" };

/** What is done with a sample. */
export function planOf({ name, source }: Sample): Plan | Exception {
  return plans[name] ?? (source?.startsWith("examples/stacks/") === true ? recipe : {});
}

/** By the sample's name. One that is not here is run as it stands. */
export const plans: Readonly<Record<string, Plan | Exception>> = {
  "docs/shop.md § A shop, stopped with and without lastcall": {
    path: "/products",
    replace: { "./shop.js": "../../../examples/shop/shop.js" },
  },
  "docs/concepts.md § Concepts": { path: "/report" },
  "docs/registries.md § Consul": {
    why: "needs Consul",
    tested: "test/services/registries.test.ts",
  },
  "docs/registries.md § etcd": { why: "needs etcd", tested: "test/services/registries.test.ts" },
  "docs/registries.md § One's own in twenty lines": {
    why: "needs a registry",
    tested: "test/registries/own.test.ts",
  },

  "docs/background-work.md § Consumers": {
    given: "const queue = { take: (signal) => wait(undefined, signal), done: wait };",
    once: "consume(service, queue, wait)",
  },
  "docs/background-work.md § At intervals": {
    once: "sweepCarts(service, (signal) => wait(undefined, signal), 1)",
  },
  "docs/background-work.md § When a task fails": {
    given: 'let runs = 0; const fails = async () => { if (runs++ < 5) throw new Error("again"); };',
    once: "keepWatching(service, fails, { retries: 9, minTimeout: 1 })",
  },
  "docs/background-work.md § Sinks": {
    given: "const buffer = [];",
    once: "sendAudit(service, buffer, wait)",
    answer: "(buffer.push(req.url), res.end())",
  },
  "docs/background-work.md § Work of a request": { answer: "createOrder(service, wait, req, res)" },

  "docs/cancellation.md § Node's own": { answer: "answerLater(req, res)" },
  "docs/cancellation.md § Node's own 2": {
    given:
      'const messages = new EventEmitter().setMaxListeners(0); setInterval(() => messages.emit("message", 1), 1);',
    answer: "answerNext(messages, req, res)",
  },
  "docs/cancellation.md § Node's own 3": {
    answer: 'sendCompressed(new URL("../../../LICENSE", import.meta.url).pathname, req, res)',
  },
  "docs/cancellation.md § The current signal": {
    answer: "neighbour.then(fetchStock).then(() => res.end())",
  },
  "docs/cancellation.md § The current signal 2": {
    answer: "untilReady(async () => (req.tries = (req.tries ?? 0) + 1) > 1).then(() => res.end())",
  },
  "docs/cancellation.md § A signal of several": {
    given: `const lost = new AbortController().signal; const warehouse = { lost, reserve: wait };
      watch("warehouse.lost", lost);`,
    answer: 'reserve(warehouse, req, "1").then(() => res.end())',
  },
  "docs/cancellation.md § A signal of several 2": {
    answer: "searchInTime(req, (signal) => wait(undefined, signal)).then(() => res.end())",
  },
  "docs/cancellation.md § Waiting for a turn": {
    answer: "neighbour.then((url) => fetchPrice(url, requestSignal(req))).then(() => res.end())",
  },
  "docs/cancellation.md § Waiting for a turn 2": {
    answer:
      "printInTurn((signal) => wait(undefined, signal), requestSignal(req)).then(() => res.end())",
  },
  "docs/cancellation.md § Waiting for a turn 3": {
    answer:
      "resizeInTurn((signal) => wait(undefined, signal), requestSignal(req)).then(() => res.end())",
  },

  "docs/certificates.md § Certificates": {
    replace: { "/etc/tls/tls.key": "tls.key", "/etc/tls/tls.crt": "tls.crt" },
    isTls: true,
    // A handshake of TLS each.
    count: 500,
  },

  "docs/prove.md § From a program": {
    why: "is a test of somebody's service",
    tested: "test/package/prove.test.ts",
  },

  "docs/clients.md § PostgreSQL with `pg`": needs("PostgreSQL", "pg"),
  "docs/clients.md § PostgreSQL with `pg` 2": needs("PostgreSQL", "pg"),
  "docs/clients.md § PostgreSQL with `postgres`": needs("PostgreSQL", "postgres"),
  "docs/clients.md § MySQL and MariaDB with `mysql2`": needs("MariaDB", "mysql2"),
  "docs/clients.md § Redis with `redis` and `ioredis`": needs("Redis", "redis"),
  "docs/clients.md § Kafka with `kafkajs`": needs("Kafka", "kafka"),
  "docs/clients.md § RabbitMQ with `amqplib`": needs("RabbitMQ", "amqp"),
  "docs/clients.md § BullMQ": needs("Redis", "bullmq"),

  "docs/cluster.md § PM2": { replace: { "module.exports =": "export default" }, isScript: true },
  "docs/cluster.md § Children": {
    imports: 'import { spawn } from "node:child_process";',
    given: "const args = [];",
    replace: { '"ffmpeg", args': '"true", args' },
  },

  "docs/concepts.md § A stop while it starts": {
    imports: `import http from "node:http"; ${LASTCALL}`,
    given: "const openPool = () => ({ end: wait }); const migrate = wait;",
  },
  "docs/concepts.md § Readiness of your own": {
    imports: LASTCALL,
    given: "const pool = { query: async () => {} }; const cache = { isWarm: true };",
    isScript: true,
  },
  "docs/concepts.md § preStop": {
    imports: LASTCALL,
    isScript: true,
  },

  "docs/containers.md § Process 1": { replace: { "./app.js": "./app.mjs" } },

  "docs/errors.md § Errors": { isScript: true },
  "docs/events.md § Events": { answer: "res.end()" },
  "docs/lame-duck.md § The lame duck": { isScript: true },

  "docs/frameworks.md § Express": { path: "/report/1" },
  "docs/frameworks.md § Fastify": { path: "/report/1" },
  "docs/frameworks.md § Koa": { path: "/report/1" },
  "docs/frameworks.md § Hono": { path: "/report/1" },
  "docs/frameworks.md § NestJS": { path: "/report" },
  "docs/frameworks.md § NestJS 2": {
    why: "decorators cannot be run without being compiled",
    tested: "test/adapters/nest.test.ts",
  },

  "docs/http2.md § HTTP/2": {
    clients: "http2",
    replace: { "// …": "stream.respond(); stream.end(String(signal.aborted));" },
    isTls: true,
    count: 500,
  },

  "docs/long-lived.md § WebSocket": { clients: "websockets" },
  "docs/long-lived.md § socket.io": {
    why: "socket.io is not among what is installed for the tests",
    tested: "test/conformance/f-upgraded.test.ts",
  },
  "docs/long-lived.md § Event streams": { clients: "streams" },
  "docs/long-lived.md § Event streams of others": {
    imports: LASTCALL,
    isScript: true,
  },
  "docs/long-lived.md § Event streams of others 2": { clients: "streams" },
  "docs/long-lived.md § Event streams of others 3": {
    given:
      'const feed = new EventEmitter().setMaxListeners(0); setInterval(() => feed.emit("news", "1"), 1);',
    answer: "answerWhenNews(req, res)",
  },
  "docs/long-lived.md § Tunnels and other protocols": { clients: "tunnels" },
};
