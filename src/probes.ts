import http, { type IncomingMessage, type ServerResponse } from "node:http";

import type { ProbeSettings } from "./options.js";
import type { Phase } from "./phase.js";

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

  close(): void {
    this.#server?.close();
    this.#server?.closeAllConnections();
  }

  /** Answers the request if it is a probe. */
  answer(req: IncomingMessage, res: ServerResponse): boolean {
    const path = req.url?.split("?", 1)[0];
    if (path !== this.#settings.live && path !== this.#settings.ready) return false;
    if (req.method !== "GET" && req.method !== "HEAD") return false;
    const phase = this.#phase();
    const good = path === this.#settings.live || this.#isReady(phase);
    const body = `${JSON.stringify({ status: good ? "ok" : "unavailable", phase })}\n`;
    res.writeHead(good ? 200 : 503, {
      "Content-Type": "application/json",
      "Content-Length": Buffer.byteLength(body),
      "Cache-Control": "no-store",
    });
    res.end(body);
    return true;
  }

  #isReady(phase: Phase): boolean {
    return phase === "ready" || (this.#settings.neutral && phase !== "starting");
  }
}
