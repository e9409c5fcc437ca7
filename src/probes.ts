import http, { type IncomingMessage, type ServerResponse } from "node:http";
import type { IncomingHttpHeaders, ServerHttp2Stream } from "node:http2";

import type { ProbeSettings } from "./options.js";
import type { Phase } from "./phase.js";

interface Answer {
  readonly status: number;
  readonly headers: Record<string, string | number>;
  readonly body: string;
}

/** Answers liveness and readiness, on the service's own servers or on a port apart. */
export class Probes {
  readonly #settings: ProbeSettings;
  readonly #phase: () => Phase;
  #server: http.Server | undefined;

  constructor(settings: ProbeSettings, phase: () => Phase) {
    this.#settings = settings;
    this.#phase = phase;
  }

  /** Whether they are answered by the attached servers. */
  get isShared(): boolean {
    return this.#settings.port === undefined;
  }

  /** The port of their own, once it is bound. */
  get port(): number | undefined {
    const address = this.#server?.address();
    return typeof address === "object" ? address?.port : undefined;
  }

  /** Opens the port of their own, if they have one. It holds no process and outlives the drain. */
  open(failed: (error: Error) => void): void {
    const { port, host } = this.#settings;
    if (port === undefined) return;
    this.#server = http.createServer((req, res) => {
      if (!this.answer(req, res)) res.writeHead(404).end();
    });
    this.#server.on("error", failed);
    this.#server.listen({ port, ...(host !== undefined && { host }) });
    this.#server.unref();
  }

  /** Whether a server, or a connection, is that of the port apart. */
  owns(object: { server?: unknown }): boolean {
    return (
      this.#server !== undefined && (object === this.#server || object.server === this.#server)
    );
  }

  close(): void {
    this.#server?.close();
    this.#server?.closeAllConnections();
  }

  /** Answers the request if it is a probe. */
  answer(req: IncomingMessage, res: ServerResponse): boolean {
    const answer = this.#answerTo(req.method, req.url);
    if (answer === undefined) return false;
    const { status, headers, body } = answer;
    res.writeHead(status, headers);
    res.end(body);
    return true;
  }

  /** Answers the stream of HTTP/2 if it is a probe. */
  answerStream(stream: ServerHttp2Stream, headers: IncomingHttpHeaders): boolean {
    const method = headers[":method"];
    const answer = this.#answerTo(method, headers[":path"]);
    if (answer === undefined) return false;
    // A prober that resets it is nobody's error.
    stream.on("error", () => {});
    stream.respond({ ":status": answer.status, ...answer.headers });
    stream.end(method === "HEAD" ? undefined : answer.body);
    return true;
  }

  #answerTo(method: unknown, url: unknown): Answer | undefined {
    const path = typeof url === "string" ? url.split("?", 1)[0] : undefined;
    if (path !== this.#settings.live && path !== this.#settings.ready) return undefined;
    if (method !== "GET" && method !== "HEAD") return undefined;
    const phase = this.#phase();
    const good = path === this.#settings.live || this.#isReady(phase);
    const body = `${JSON.stringify({ status: good ? "ok" : "unavailable", phase })}\n`;
    const headers = {
      "content-type": "application/json",
      "content-length": Buffer.byteLength(body),
      "cache-control": "no-store",
    };
    return { status: good ? 200 : 503, headers, body };
  }

  #isReady(phase: Phase): boolean {
    return phase === "ready" || (this.#settings.neutral && phase !== "starting");
  }
}
