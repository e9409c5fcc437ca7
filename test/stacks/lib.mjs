// What the stacks' clients share: requests that count what they lost, a balancer, receivers.
import { once } from "node:events";
import http from "node:http";
import net from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

export { once, sleep };

/** How long after the signal the balancer still sends new connections, in ms. */
export const LAG = 500;

/** What was begun by clients, and what of it failed and how. */
export class Count {
  sent = 0;
  /** @type {string[]} */
  lost = [];

  /** Runs one thing a client does; what it throws is a loss, named by `what`. */
  async one(what, run) {
    this.sent++;
    try {
      return await run();
    } catch (error) {
      this.lost.push(`${what}: ${error.code ?? error.message}`);
      return undefined;
    }
  }
}

/** How long a request may stand still, in ms, before it is lost: longer than any service takes to stop. */
const LONGEST_ANSWER = 15_000;

/** One request, answered whole and below 500; its body. */
export function ask(port, { path = "/", agent = false, headers = {}, method = "GET", body } = {}) {
  return new Promise((resolve, reject) => {
    const where = { host: "127.0.0.1", port, path, agent, headers, method };
    const req = http.request(where, (res) => {
      let text = "";
      res.setEncoding("utf8").on("data", (data) => void (text += data));
      res.on("error", reject).on("close", () => {
        if (!res.complete) reject(new Error("torn"));
        else if (res.statusCode >= 400) reject(new Error(`status ${res.statusCode}`));
        else resolve(text);
      });
    });
    // A cluster's primary keeps what it has accepted for a worker that never comes.
    req.setTimeout(LONGEST_ANSWER, () => void req.destroy(new Error("no answer")));
    req.on("error", reject).end(body);
  });
}

/**
 * Requests over HTTP as a balancer sends them: on kept-alive connections while those are open, on new ones until it has
 * noticed, `LAG` after `leave()`; and slow ones that are in flight at the signal.
 */
export function load(count, port, { path = "/", slow = "/slow" } = {}) {
  const door = { isOpen: true };
  const loop = async (keepAlive) => {
    const agent = keepAlive ? new http.Agent({ keepAlive: true, maxSockets: 1 }) : false;
    const isConnected = () => agent && Object.keys(agent.freeSockets).length > 0;
    while (door.isOpen || isConnected()) {
      await count.one("request", () => ask(port, { path, agent }));
      await sleep(20 + Math.random() * 40);
    }
    if (agent) agent.destroy();
  };
  const loops = [true, true, true, true, false, false].map(loop);
  const slowOnes =
    slow === null
      ? []
      : [1, 2, 3].map(() => count.one("slow request", () => ask(port, { path: slow })));
  return {
    /** The signal is sent; resolves when every client is done. */
    leave: async () => {
      await sleep(LAG);
      door.isOpen = false;
      await Promise.all([...loops, ...slowOnes]);
    },
  };
}

/** An endless event stream, as a browser's EventSource has it; resolves when its first event is there. */
export async function eventSource(
  port,
  path,
  { method = "GET", body, headers = {}, isWhole = false } = {},
) {
  const req = http.request({
    host: "127.0.0.1",
    port,
    path,
    agent: false,
    method,
    headers: { Accept: "text/event-stream", ...headers },
  });
  req.end(body);
  const [res] = await once(req, "response");
  if (res.statusCode !== 200) throw new Error(`status ${res.statusCode}`);
  let text = "";
  res.setEncoding("utf8").on("data", (data) => void (text += data));
  const ended = new Promise((resolve) => void res.on("error", () => {}).on("close", resolve));
  await once(res, "data");
  return {
    /** Resolves at an end between two events: however it looks, an EventSource connects again after it. */
    ended: ended.then(() => {
      if (!text.endsWith("\n\n")) throw new Error("torn in the middle of an event");
      // Where the framework can end it, it does so in order.
      if (isWhole && !res.complete) throw new Error("torn between two events");
    }),
  };
}

/** Passes TCP connections on to the first of `ports` that is not out of service. */
export async function balancer(ports) {
  const out = new Set();
  const server = net.createServer((socket) => {
    const port = ports.find((each) => !out.has(each));
    const there = net.connect(port, "127.0.0.1");
    for (const [one, other] of [
      [socket, there],
      [there, socket],
    ]) {
      one.pipe(other);
      one.on("error", () => other.destroy()).on("close", () => other.destroy());
    }
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    port: server.address().port,
    takeOut: (port) => out.add(port),
    close: () => server.close(),
  };
}

/** A server on a free port; `port`, and an end. */
export async function serve(listener) {
  const server = http.createServer(listener).listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    server,
    port: server.address().port,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

/** A collector: keeps every body that it is sent; `answer` says what it says. */
export function receiver(answer = (_req, res) => res.end("{}")) {
  const bodies = [];
  return serve((req, res) => {
    const chunks = [];
    req
      .on("data", (chunk) => chunks.push(chunk))
      .on("end", () => {
        bodies.push({ url: req.url, body: Buffer.concat(chunks), headers: req.headers });
        answer(req, res);
      });
  }).then((served) => ({ ...served, bodies }));
}

/** A WebSocket of `ws`, open; `closed` resolves to its code. */
export async function openWebSocket(WebSocket, url, protocols = []) {
  const socket = new WebSocket(url, protocols);
  socket.on("error", () => {});
  const closed = once(socket, "close").then(([code]) => code);
  await Promise.race([
    once(socket, "open"),
    closed.then((code) => {
      throw new Error(`closed with ${code} before it was open`);
    }),
  ]);
  return { socket, closed };
}

/** Told to go away, with the code for that; anything else is lost. */
export function goesAway(count, { closed }) {
  return count.one("WebSocket", async () => {
    const code = await closed;
    if (code !== 1001 && code !== 1012) throw new Error(`closed with ${code}`);
  });
}
