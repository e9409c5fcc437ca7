import http, { type IncomingHttpHeaders, type ServerResponse } from "node:http";
import type { ServerHttp2Stream } from "node:http2";

import { Checks, type CheckResult } from "./checks.js";
import { now } from "../clock.js";
import type { Fence } from "../fence.js";
import type { ProbeSettings } from "../options/settings.js";
import type { Phase } from "../phase.js";
import { markOwn } from "../server/attachable.js";
import { Probers } from "../server/lame-duck/probers.js";

type Results = Readonly<Record<string, CheckResult>>;

interface Answer {
  readonly status: number;
  readonly headers: Record<string, string | number>;
  readonly body: string;
}

/** What may be a probe. Node parses a request's headers when they are first read: not before it is known to be one. */
interface Asked {
  readonly headers: IncomingHttpHeaders;
}

/** A request for liveness or readiness. Each returns false where it could not be answered: then it is the application's. */
export interface Probe {
  answer(res: ServerResponse): boolean;
  /** Over HTTP/2. */
  answerStream(stream: ServerHttp2Stream): boolean;
}

/** Answers liveness and readiness, on the service's own servers or on a port apart. */
export class Probes {
  readonly #settings: ProbeSettings;
  readonly #phase: () => Phase;
  readonly #fence: Fence;
  readonly #checks: Checks | undefined;
  /** What asks for readiness; undefined where it is told that the service is ready to its end, which tells nothing. */
  readonly probers: Probers | undefined;
  #server: http.Server | undefined;
  /** When liveness was last asked on an attached server, by what goes on asking during a stop. */
  #askedAliveAt: number | undefined;

  /** `checkFailed`: a readiness check fails that did not before. */
  constructor(
    settings: ProbeSettings,
    fall: number,
    phase: () => Phase,
    fence: Fence,
    checkFailed: (name: string, why: string) => void,
  ) {
    const { checks, checkTimeout: timeout, checkAge: age } = settings;
    if (checks !== undefined) this.#checks = new Checks(checks, { timeout, age }, checkFailed);
    this.#settings = settings;
    if (!settings.readyWhileDraining) this.probers = new Probers(fall);
    this.#fence = fence;
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
      const probe = this.find(req.method, req.url, req);
      if (probe?.answer(res) !== true) res.writeHead(404).end();
    });
    markOwn(this.#server);
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

  /** The probe that a request is, if it is one: asked before the request counts as anything else. */
  find(method: unknown, url: unknown, asked: Asked): Probe | undefined {
    const path = this.#pathOf(method, url);
    if (path === undefined) return undefined;
    const agent = asked.headers["user-agent"];
    return {
      answer: (res) => {
        this.#noteLiveness(path, agent);
        return this.#answerTo(path, (answer) => {
          this.#asked(path, agent, answer, () => res.req.socket.remoteAddress);
          return this.#write(res, answer);
        });
      },
      answerStream: (stream) => {
        this.#noteLiveness(path, agent);
        return this.#answerTo(path, (answer) => {
          this.#asked(path, agent, answer, () => stream.session?.socket.remoteAddress);
          return this.#respond(stream, answer, method === "HEAD");
        });
      },
    };
  }

  #write(res: ServerResponse, { status, headers, body }: Answer): boolean {
    const write = (): boolean => {
      res.writeHead(status, headers);
      res.end(body);
      return true;
    };
    return this.#fence.ask("answer of a probe", write, false);
  }

  #respond(stream: ServerHttp2Stream, { status, headers, body }: Answer, isHead: boolean): boolean {
    const write = (): boolean => {
      // A prober that resets it makes no error.
      stream.on("error", () => {});
      stream.respond({ ":status": status, ...headers });
      stream.end(isHead ? undefined : body);
      return true;
    };
    return this.#fence.ask("answer of a probe's stream", write, false);
  }

  /**
   * kubelet asks a pod that is being deleted for its readiness alone: `doProbe` of its `prober/worker.go` stops the
   * liveness probe at the deletion.
   */
  #noteLiveness(path: string, agent: string | undefined): void {
    if (!this.isShared || path !== this.#settings.live || agent?.startsWith("kube-probe/")) return;
    this.#askedAliveAt = now();
  }

  /** kubelet is no balancer: a pod's endpoint goes with the pod's deletion, whatever its readiness says. */
  #asked(
    path: string,
    agent: string | undefined,
    { status }: Answer,
    readAddress: () => string | undefined,
  ): void {
    if (this.probers === undefined || path !== this.#settings.ready) return;
    if (agent?.startsWith("kube-probe/")) return;
    const address = this.#fence.ask("client of a probe", () => readAddress() ?? "", "");
    this.probers.asked({ address, agent: agent ?? "" }, status === 200, now());
  }

  /** Whether liveness has been asked, on an attached server, within a minute before `instant`. */
  wasAskedAlive(instant: number): boolean {
    return this.#askedAliveAt !== undefined && instant - this.#askedAliveAt < 60_000;
  }

  /** The path, if it is a probe's. */
  #pathOf(method: unknown, url: unknown): string | undefined {
    const path = typeof url === "string" ? url.split("?", 1)[0] : undefined;
    if (path !== this.#settings.live && path !== this.#settings.ready) return undefined;
    return method === "GET" || method === "HEAD" ? path : undefined;
  }

  /** Writes the answer at once, or once the readiness checks are over. */
  #answerTo(path: string, write: (answer: Answer) => boolean): boolean {
    const checks = path === this.#settings.ready ? this.#checks : undefined;
    if (checks === undefined || this.#phase() !== "ready") return write(this.#make(path, {}));
    const { fresh } = checks;
    if (fresh !== undefined) return write(this.#make(path, fresh));
    void checks.run().then((results) => write(this.#make(path, results)));
    return true;
  }

  #make(path: string, checks: Results): Answer {
    const phase = this.#phase();
    const isWell = Object.values(checks).every((result) => result === "passed");
    // One that is stopping has said so already; a check says nothing about that.
    const isReady = this.#isReady(phase) && (isWell || phase !== "ready");
    const good = path === this.#settings.live || isReady;
    const shown = Object.keys(checks).length > 0 && phase === "ready" ? { checks } : {};
    const body = `${JSON.stringify({ status: good ? "ok" : "unavailable", phase, ...shown })}\n`;
    const headers = {
      "content-type": "application/json",
      "content-length": Buffer.byteLength(body),
      "cache-control": "no-store",
    };
    return { status: good ? 200 : 503, headers, body };
  }

  #isReady(phase: Phase): boolean {
    return phase === "ready" || (this.#settings.readyWhileDraining && phase !== "starting");
  }
}
