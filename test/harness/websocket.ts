import { once } from "node:events";
import type http from "node:http";
import type { TestContext } from "node:test";

import { WebSocket, WebSocketServer } from "ws";

import { connect, type Target, type Wire } from "./wire.js";

/** A `ws` server that answers each message with itself in capitals. */
export function echo(server: http.Server): WebSocketServer {
  const sockets = new WebSocketServer({ server });
  sockets.on("connection", (socket) => {
    socket.on("error", () => {});
    socket.on("message", (data: Buffer) => socket.send(data.toString().toUpperCase()));
  });
  return sockets;
}

/** A client of the `ws` package that keeps what it is told. */
export class Client {
  readonly socket: WebSocket;
  readonly messages: string[] = [];
  /** Code, reason and instant of the end. */
  readonly closed: Promise<{ code: number; reason: string; at: number }>;

  constructor(socket: WebSocket) {
    this.socket = socket;
    socket.on("error", () => {});
    socket.on("message", (data: Buffer) => this.messages.push(data.toString()));
    this.closed = new Promise((resolve) => {
      socket.on("close", (code, reason) => {
        resolve({ code, reason: reason.toString(), at: performance.now() });
      });
    });
  }

  /** Says something and waits for the answer: the server knows this client then. */
  async exchange(text: string): Promise<string> {
    const answer = once(this.socket, "message");
    this.socket.send(text);
    return String((await answer)[0]);
  }
}

/** Opens a WebSocket; closed when the test is over. */
export async function openWebSocket(t: TestContext, { port = 0, tls }: Target): Promise<Client> {
  const url = `${tls ? "wss" : "ws"}://127.0.0.1:${port}/`;
  const socket = new WebSocket(url, { rejectUnauthorized: false, perMessageDeflate: false });
  const client = new Client(socket);
  t.after(() => socket.terminate());
  await once(socket, "open");
  return client;
}

const HANDSHAKE =
  "Connection: Upgrade\r\nUpgrade: websocket\r\n" +
  "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n";

/** A WebSocket of which the test writes and reads every byte. */
export async function openWire(target: Target): Promise<Wire> {
  const wire = await connect(target);
  await wire.get("/", HANDSHAKE);
  await wire.sees("\r\n\r\n");
  return wire;
}

/** A close frame from a server, as it stands on the wire. */
export function closeFrame(code: number, reason: string): string {
  const payload = Buffer.alloc(2 + reason.length);
  payload.writeUInt16BE(code);
  payload.write(reason, 2);
  return Buffer.concat([Buffer.from([0x88, payload.length]), payload]).toString("latin1");
}
