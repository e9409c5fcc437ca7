import assert from "node:assert/strict";
import { once } from "node:events";
import net from "node:net";
import { test } from "node:test";
import tls from "node:tls";

import { Hold, type Held } from "../harness/hold.js";
import { plain, serve } from "../harness/serve.js";
import { withResolvers, type Target } from "../harness/wire.js";

const SIZE = 50 * 1024 * 1024;
const CHUNK = Buffer.alloc(256 * 1024);
const HEAD = `POST /upload HTTP/1.1\r\nHost: test\r\nContent-Length: ${SIZE}\r\n\r\n`;
const COUNT = 60;
/** How many are answered at once: what their buffers hold must be read within the linger. */
const WAVE = 10;

/**
 * A client that uploads as most programs do: it writes a chunk, waits until that is written, looks
 * whether there is an answer, writes the next; and it gives up when it cannot write.
 */
class Upload {
  /** Resolves when the buffers between client and application are full. */
  readonly blocked: Promise<void>;
  /** Resolves to the status of the answer, or to the error that came instead. */
  readonly outcome: Promise<string>;
  readonly #socket: net.Socket;
  readonly #block: () => void;
  #text = "";
  #error: NodeJS.ErrnoException | undefined;

  constructor(socket: net.Socket) {
    this.#socket = socket;
    const { promise, resolve } = withResolvers<void>();
    this.blocked = promise;
    this.#block = resolve;
    socket.on("data", (data: Buffer) => (this.#text += data.toString("latin1")));
    socket.on("error", (error: NodeJS.ErrnoException) => (this.#error = error));
    socket.pause();
    this.outcome = this.#run();
  }

  async #run(): Promise<string> {
    await this.#write(HEAD);
    for (let left = SIZE; left > 0 && this.#status === undefined; left -= CHUNK.length) {
      await this.#write(CHUNK);
      if (this.#error !== undefined) break;
      await this.#look();
    }
    this.#socket.destroy();
    return this.#status ?? this.#error?.code ?? "no answer";
  }

  async #write(data: string | Buffer): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#socket.write(data, () => resolve());
      // The kernel has taken less than the whole chunk.
      if (this.#socket.writableLength > 0) setImmediate(() => this.#block());
    });
  }

  /** Lets the socket read what has arrived, and no more. */
  async #look(): Promise<void> {
    this.#socket.resume();
    for (let turns = 2; turns > 0; turns--) await new Promise((resolve) => setImmediate(resolve));
    this.#socket.pause();
  }

  get #status(): string | undefined {
    return /^HTTP\/1\.1 (\d+) .*\r\n\r\n/s.exec(this.#text)?.[1];
  }
}

async function upload(target: Target): Promise<Upload> {
  const where = { port: target.port ?? 0, host: "127.0.0.1" };
  const socket = target.tls
    ? tls.connect({ ...where, rejectUnauthorized: false })
    : net.connect(where);
  await once(socket, target.tls ? "secureConnect" : "connect");
  return new Upload(socket);
}

/** Begins the uploads; resolves when the application has them all and their clients cannot go on. */
async function begin(target: Target, hold: Hold): Promise<{ uploads: Upload[]; held: Held[] }> {
  const uploads: Upload[] = [];
  const held: Held[] = [];
  for (let left = COUNT; left > 0; left--) {
    uploads.push(await upload(target));
    held.push(await hold.next());
  }
  await Promise.all(uploads.map((each) => each.blocked));
  return { uploads, held };
}

/** Answers them all without reading them, as an application does that is told to stop. */
async function refuse(uploads: Upload[], held: Held[]): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (let at = 0; at < COUNT; at += WAVE) {
    for (const { res } of held.slice(at, at + WAVE)) res.writeHead(503).end("stopping");
    for (const { outcome } of uploads.slice(at, at + WAVE)) {
      const status = await outcome;
      counts[status] = (counts[status] ?? 0) + 1;
    }
  }
  return counts;
}

for (const useTls of [false, true]) {
  const over = useTls ? ", over TLS" : "";

  test(`26. early answer to a 50 MB upload (503) → the client reads it, 60 of 60${over}`, async (t) => {
    const hold = new Hold();
    const { service, target } = await serve(t, hold.app, { tls: useTls });
    const { uploads, held } = await begin(target, hold);

    const drained = service.drain();

    assert.deepEqual(await refuse(uploads, held), { 503: COUNT });
    assert.equal((await drained).outcome, "clean");
  });

  test(`26. (control: a plain server that says close and closes loses more than half${over})`, async (t) => {
    const hold = new Hold();
    const { target } = await plain(t, hold.app, { tls: useTls });
    const { uploads, held } = await begin(target, hold);

    for (const { res } of held) res.setHeader("Connection", "close");
    const { 503: read = 0, ...lost } = await refuse(uploads, held);

    t.diagnostic(`read ${read}, lost ${JSON.stringify(lost)}`);
    assert.ok(read < COUNT / 2, `${read} of ${COUNT} read`);
  });
}
