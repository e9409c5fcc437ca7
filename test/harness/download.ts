import { createHash } from "node:crypto";
import { once } from "node:events";
import net from "node:net";
import tls from "node:tls";

import type { End, Target } from "./wire.js";

export function sha256(data: Buffer): string {
  return createHash("sha256").update(data).digest("hex");
}

/** A client that asks for one thing, reads it at its own pace, and keeps of it only the length and the hash. */
export class Download {
  readonly socket: net.Socket;
  head = "";
  length = 0;
  readonly ended: Promise<End>;
  readonly #hash = createHash("sha256");
  #pace = 0;
  #paceFrom = 0;

  constructor(socket: net.Socket) {
    this.socket = socket;
    socket.pause();
    socket.on("data", (chunk: Buffer) => this.#take(chunk));
    this.ended = new Promise((resolve) => {
      socket.once("error", () => resolve("reset"));
      socket.once("end", () => resolve("fin"));
    });
    socket.pause();
  }

  #take(chunk: Buffer): void {
    const body = this.head.includes("\r\n\r\n") ? chunk : this.#takeHead(chunk);
    this.length += body.length;
    this.#hash.update(body);
    if (this.#pace === 0 || this.length < this.#paceFrom) return;
    this.#paceFrom = this.length + 64 * 1024;
    this.socket.pause();
    setTimeout(() => this.socket.resume(), this.#pace);
  }

  #takeHead(chunk: Buffer): Buffer {
    const end = chunk.indexOf("\r\n\r\n") + 4;
    this.head = chunk.subarray(0, end).toString("latin1");
    return chunk.subarray(end);
  }

  /** Reads on without pauses. */
  speedUp(): void {
    this.#pace = 0;
  }

  /** Reads to the end, with a pause of `pace` milliseconds after every 64 KiB; resolves to the hash. */
  async read(pace = 0): Promise<string> {
    this.#pace = pace;
    this.socket.resume();
    await this.ended;
    return this.#hash.digest("hex");
  }
}

/** Connects and asks; nothing is read yet. */
export async function ask(target: Target, path: string): Promise<Download> {
  const where =
    target.path === undefined
      ? { port: target.port ?? 0, host: "127.0.0.1" }
      : { path: target.path };
  const socket = target.tls
    ? tls.connect({ ...where, rejectUnauthorized: false })
    : net.connect(where);
  await once(socket, target.tls ? "secureConnect" : "connect");
  const download = new Download(socket);
  socket.write(request(path));
  return download;
}

export function request(path: string): string {
  return `GET ${path} HTTP/1.1\r\nHost: test\r\n\r\n`;
}
