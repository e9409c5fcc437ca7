import http from "node:http";
import http2 from "node:http2";
import https from "node:https";

import { withResolvers } from "../../harness/wire.js";

/** What a client does with its connection. */
export type Kind = "requests" | "streams" | "websockets" | "tunnels" | "http2";

export interface Address {
  readonly port: number;
  readonly path: string;
  readonly isTls: boolean;
}

/** How many come at a time. */
const AT_ONCE = 50;

/** Clients that stay while others come and go; they ask again on the connection they have. */
export class Crowd {
  readonly #address: Address;
  readonly #kind: Kind;
  readonly #pool = { keepAlive: true, maxSockets: AT_ONCE, rejectUnauthorized: false };
  readonly #agent: http.Agent;

  constructor(address: Address, kind: Kind) {
    this.#address = address;
    this.#kind = kind;
    this.#agent = address.isTls ? new https.Agent(this.#pool) : new http.Agent(this.#pool);
  }

  /** How many connections it leaves open between its rounds, at most. */
  get staying(): number {
    return this.#kind === "requests" ? this.#pool.maxSockets : 0;
  }

  /** `count` clients: half of the requests on connections that stay, and every third of the others is not waited for. */
  async round(count: number): Promise<void> {
    let left = count;
    const next = async (): Promise<void> => {
      while (left-- > 0) await this.#visit(left);
    };
    await Promise.all(Array.from({ length: AT_ONCE }, next));
  }

  #visit(number: number): Promise<void> {
    if (this.#kind === "http2") return visitHttp2(this.#address);
    const isRequest = this.#kind === "requests";
    if (isRequest && number % 2 === 0) return this.#ask(this.#agent, "whole");
    return this.#ask(false, isRequest && number % 3 !== 0 ? "whole" : "leave");
  }

  /** Asks, and reads to the end, or leaves: as soon as something has come, or for a request at once. */
  async #ask(agent: http.Agent | false, end: "whole" | "leave"): Promise<void> {
    const { port, path, isTls } = this.#address;
    const { promise, resolve, reject } = withResolvers<void>();
    const request = (isTls ? https : http).request({
      host: "127.0.0.1",
      port,
      path,
      agent,
      rejectUnauthorized: false,
      ...WAYS[this.#kind],
    });
    let hasLeft = false;
    const leave = (): void => {
      hasLeft = true;
      request.destroy();
    };
    // Nothing is dropped here: whoever has not left on purpose must get an answer.
    request.on("error", (error) => (hasLeft ? resolve() : reject(error)));
    request.on("close", resolve);
    request.on("response", (response) => {
      if (end === "leave") response.once("data", leave);
      else if ((response.statusCode ?? 500) >= 500) reject(new Error(`${response.statusCode}`));
      response.on("error", () => {}).resume();
    });
    const takeOver = (_: unknown, socket: NodeJS.ReadWriteStream & { destroy(): void }): void => {
      socket.on("close", () => resolve());
      socket.on("error", () => {});
      socket.destroy();
    };
    request.on("upgrade", takeOver);
    request.on("connect", takeOver);
    request.end();
    if (end === "leave" && this.#kind === "requests") request.once("finish", leave);
    await promise;
  }

  close(): void {
    this.#agent.destroy();
  }
}

const WAYS: Record<Kind, http.RequestOptions> = {
  requests: {},
  streams: {},
  websockets: {
    headers: {
      Connection: "Upgrade",
      Upgrade: "websocket",
      "Sec-WebSocket-Version": 13,
      "Sec-WebSocket-Key": Buffer.alloc(16).toString("base64"),
    },
  },
  tunnels: { method: "CONNECT", path: "example:443" },
  http2: {},
};

/** A session with four streams. */
async function visitHttp2({ port, path }: Address): Promise<void> {
  const session = http2.connect(`https://127.0.0.1:${port}`, { rejectUnauthorized: false });
  const { promise: closed, resolve, reject } = withResolvers<void>();
  session.on("error", reject).on("close", resolve);
  const asked = Array.from({ length: 4 }, async () => {
    const { promise, resolve: end, reject: fail } = withResolvers<void>();
    const stream = session.request({ ":path": path });
    stream.on("close", end).on("error", fail).resume();
    await promise;
  });
  await Promise.all(asked);
  session.close();
  await closed;
}
