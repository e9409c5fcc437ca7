import { once } from "node:events";
import net from "node:net";
import tls from "node:tls";

/** How the server's side of a connection ended, as the client's kernel saw it. */
export type End = "fin" | "reset" | "open";

export interface Response {
  status: number;
  headers: Map<string, string>;
  body: string;
}

export interface Target {
  port?: number;
  /** Default: 127.0.0.1. */
  host?: string;
  path?: string;
  tls?: boolean;
  /** Protocols to offer over TLS. */
  alpn?: string[];
}

/** Says what was awaited when a test has to give up: the tests' own time limit names nothing. */
const LONGEST_WAIT = 20_000;

/**
 * A client that is nothing but a socket: it writes what the test says, keeps every byte that comes
 * back, and tells an orderly end from a reset.
 */
export class Wire {
  readonly socket: net.Socket;
  received: Buffer = Buffer.alloc(0);
  end: End = "open";
  error: NodeJS.ErrnoException | undefined;
  readonly #waiting = new Set<() => void>();
  #consumed = 0;

  constructor(socket: net.Socket) {
    this.socket = socket;
    socket.on("data", (chunk: Buffer) => {
      this.received = Buffer.concat([this.received, chunk]);
      this.#wake();
    });
    socket.on("end", () => {
      if (this.end === "open") this.end = "fin";
      this.#wake();
    });
    socket.on("error", (error) => {
      this.error = error;
      this.end = "reset";
      this.#wake();
    });
    socket.on("close", () => this.#wake());
  }

  #wake(): void {
    for (const wake of [...this.#waiting]) wake();
  }

  /** Resolves once `condition` gives something, looking again whenever a byte or an end arrives. */
  async until<T>(what: string, condition: () => T | undefined): Promise<T> {
    const { promise, resolve, reject } = withResolvers<T>();
    const look = (): void => {
      const found = condition();
      if (found !== undefined) resolve(found);
    };
    const timer = setTimeout(
      () => reject(new Error(`waited in vain for ${what}; received ${JSON.stringify(this.text)}`)),
      LONGEST_WAIT,
    );
    this.#waiting.add(look);
    look();
    try {
      return await promise;
    } finally {
      clearTimeout(timer);
      this.#waiting.delete(look);
    }
  }

  get text(): string {
    return this.received.toString("latin1");
  }

  /** Writes, and resolves when the kernel has taken it. */
  async send(data: string | Buffer): Promise<void> {
    await new Promise<void>((resolve) => this.socket.write(data, () => resolve()));
  }

  /** A whole request without a body. */
  get(path: string, headers = ""): Promise<void> {
    return this.send(`GET ${path} HTTP/1.1\r\nHost: test\r\n${headers}\r\n`);
  }

  /** Resolves when what was received so far contains `text`. */
  async sees(text: string): Promise<void> {
    await this.until(JSON.stringify(text), () => this.text.includes(text) || undefined);
  }

  /**
   * The next whole response on the wire. Rejects when the connection ends before it is whole.
   * @param method of the request that it answers: HEAD has no body.
   */
  async response(method = "GET"): Promise<Response> {
    const found = await this.until<{ response: Response; length: number } | "ended">(
      "a whole response",
      () => {
        const rest = this.received.subarray(this.#consumed).toString("latin1");
        return (
          parse(rest, method, this.end === "fin") ?? (this.end === "open" ? undefined : "ended")
        );
      },
    );
    if (found === "ended") {
      const rest = this.received.subarray(this.#consumed).toString("latin1");
      throw new Error(
        `the connection ended (${this.end}) before a whole response: ${JSON.stringify(rest.slice(0, 200))}`,
      );
    }
    this.#consumed += found.length;
    return found.response;
  }

  /** Resolves when the server has ended the connection, to how. */
  ended(): Promise<End> {
    return this.until("the end of the connection", () =>
      this.end === "open" ? undefined : this.end,
    );
  }

  /** Bytes that came after the last response taken. */
  get rest(): string {
    return this.received.subarray(this.#consumed).toString("latin1");
  }

  close(): void {
    this.socket.destroy();
  }
}

const sockets = net.Socket.prototype as unknown as { connect: unknown };
const { connect: connectFromOutside } = sockets;

/**
 * Opens a connection as another process would: a drain leads those of its own process to its servers, for requests that
 * ask their own service.
 */
function fromOutside<T>(open: () => T): T {
  const current = sockets.connect;
  sockets.connect = connectFromOutside;
  try {
    return open();
  } finally {
    sockets.connect = current;
  }
}

/** Connects. The promise resolves when the kernel (for TLS: the handshake) has. */
export async function connect(
  target: Target,
  options: { allowHalfOpen?: boolean } = {},
): Promise<Wire> {
  const where =
    target.path === undefined
      ? { port: target.port ?? 0, host: target.host ?? "127.0.0.1" }
      : { path: target.path };
  const socket = fromOutside(() =>
    target.tls
      ? tls.connect({ ...where, rejectUnauthorized: false, ALPNProtocols: target.alpn ?? [] })
      : net.connect({ ...where, ...options }),
  );
  socket.setNoDelay?.(true);
  const wire = new Wire(socket);
  await once(socket, target.tls ? "secureConnect" : "connect");
  return wire;
}

/** The code with which a new connection fails, or `"connected"`. */
export async function tryConnect(target: Target): Promise<string> {
  try {
    const wire = await connect(target);
    wire.close();
    return "connected";
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? String(error);
  }
}

function parse(
  text: string,
  method: string,
  isEnded: boolean,
): { response: Response; length: number } | undefined {
  const headEnd = text.indexOf("\r\n\r\n");
  if (headEnd === -1) return undefined;
  const [statusLine = "", ...lines] = text.slice(0, headEnd).split("\r\n");
  const status = Number(statusLine.split(" ")[1]);
  const headers = new Map(
    lines.map((line) => {
      const colon = line.indexOf(":");
      return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()] as const;
    }),
  );
  const start = headEnd + 4;
  const done = (body: string, length: number) => ({ response: { status, headers, body }, length });
  if (method === "HEAD" || status === 204 || status === 304 || status < 200) return done("", start);
  if (headers.get("transfer-encoding") === "chunked") return parseChunks(text, start, done);
  const length = headers.get("content-length");
  if (length === undefined) return isEnded ? done(text.slice(start), text.length) : undefined;
  const end = start + Number(length);
  return text.length >= end ? done(text.slice(start, end), end) : undefined;
}

function parseChunks<T>(
  text: string,
  start: number,
  done: (body: string, length: number) => T,
): T | undefined {
  let body = "";
  for (let at = start; ;) {
    const lineEnd = text.indexOf("\r\n", at);
    if (lineEnd === -1) return undefined;
    const size = Number.parseInt(text.slice(at, lineEnd), 16);
    const end = size === 0 ? text.indexOf("\r\n\r\n", lineEnd) : lineEnd + 2 + size;
    const next = end + (size === 0 ? 4 : 2);
    if (end === -1 || text.length < next) return undefined;
    if (size === 0) return done(body, next);
    body += text.slice(lineEnd + 2, lineEnd + 2 + size);
    at = next;
  }
}

/** `Promise.withResolvers`, which Node 20 does not have. */
export function withResolvers<T>(): {
  promise: Promise<T>;
  resolve: (value: T) => void;
  reject: (error: Error) => void;
} {
  let resolve!: (value: T) => void;
  let reject!: (error: Error) => void;
  const promise = new Promise<T>((yes, no) => {
    resolve = yes;
    reject = no;
  });
  return { promise, resolve, reject };
}
