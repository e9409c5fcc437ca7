import http from "node:http";
import http2 from "node:http2";
import net from "node:net";
import type { TestContext } from "node:test";

import type { Program } from "../harness/program.js";

/** What clients saw whose requests no fault has touched. */
export interface Seen {
  /** Bodies of requests that were in flight when the drain began, HTTP/1 and HTTP/2. */
  readonly answers: Promise<readonly string[]>;
  /** What clients do during the lame duck. */
  duringLameDuck(): Promise<void>;
}

const LOCAL = "127.0.0.1";

/** A request of its own connection; resolves to the body, or to the error. */
function ask(port: number, path: string): Promise<string> {
  return new Promise((resolve) => {
    const req = http.get({ host: LOCAL, port, path, agent: false }, (res) => {
      let body = "";
      res.setEncoding("utf8").on("data", (text: string) => (body += text));
      res.on("end", () => resolve(body)).on("error", ({ message }) => resolve(message));
    });
    req.on("error", ({ message }) => resolve(message));
  });
}

function open(t: TestContext, port: number, text: string): net.Socket {
  // Its own half stays open when the server ends its.
  const socket = net.connect({ host: LOCAL, port, allowHalfOpen: true }, () => socket.write(text));
  socket.on("error", () => {});
  t.after(() => socket.destroy());
  return socket;
}

const get = (path: string, more = ""): string => `GET ${path} HTTP/1.1\r\nHost: x\r\n${more}\r\n`;

/** Which clients there are besides those that always are. */
export interface Clients {
  /** Some whose requests never end. */
  readonly isNever: boolean;
  /** Whether there is one that is answered when all others have gone. */
  readonly hasLast: boolean;
}

/** One client of each kind; resolves when all of their requests are in flight. */
export async function connectAll(
  t: TestContext,
  program: Program,
  ports: readonly [number, number],
  { isNever, hasLast }: Clients,
): Promise<Seen> {
  const [port, port2] = ports;
  const session = http2.connect(`http://${LOCAL}:${port2}`);
  session.on("error", () => {});
  t.after(() => session.destroy());
  const stream = (path: string): Promise<string> =>
    new Promise((resolve) => {
      // A service that is gone is asked nothing.
      if (session.destroyed) return resolve("gone");
      const request = session.request({ ":path": path });
      let body = "";
      request.setEncoding("utf8").on("data", (text: string) => (body += text));
      request.on("error", ({ message }) => resolve(message));
      request.on("close", () => resolve(body));
    });
  const answers = [ask(port, "/other"), ask(port, "/signal"), stream("/other"), stream("/signal")];
  const paths = ["/other", "/signal", "h2/other", "h2/signal"];

  open(t, port, get("/"));
  open(t, port, get("/other") + get("/signal"));
  open(t, port, "GET / HTTP/1.1\r\nHos");
  open(t, port, get("/big")).pause();
  for (const path of ["/background", "/goodbye", "/overdue"]) open(t, port, get(path)).resume();
  open(t, port, get("/ws", "Connection: Upgrade\r\nUpgrade: websocket\r\n")).resume();
  paths.push("/", "/big", "/background", "/goodbye", "/overdue", "/ws");
  if (hasLast) {
    open(t, port, get("/last")).resume();
    paths.push("/last");
  }
  if (isNever) {
    open(t, port, get("/never")).resume();
    open(t, port, get("/events", "Accept: text/event-stream\r\n")).resume();
    void stream("/never");
    paths.push("/never", "/events", "h2/never");
  }
  for (const path of paths) await program.says(new RegExp(`started ${path}\n`));

  return {
    answers: Promise.all(answers),
    async duringLameDuck() {
      void stream("/readyz");
      void stream("/");
      await ask(port, "/readyz");
      void ask(port, "/held");
      // A second request on a connection that said close.
      const late = open(t, port, get("/"));
      late.once("data", () => late.write(get("/")));
    },
  };
}
