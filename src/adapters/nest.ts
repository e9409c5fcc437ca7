/**
 * NestJS 12, on Express or Fastify: attached, closed after the last response so that its lifecycle hooks run
 * then, the request's signal as `req.signal`, and an answer for requests that were aborted.
 *
 * @module
 */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { ArgumentsHost, ExceptionFilter, INestApplication } from "@nestjs/common";

import { requestSignal, type Service } from "../index.js";
import { completeStreams } from "./nest-sse.js";
import { answerAborted, isAborted, type AbortedOptions } from "./aborted.js";

export type { AbortedOptions } from "./aborted.js";

/** What Nest has and does not tell in its types. */
interface Untold {
  /** The signal's name goes to the lifecycle hooks. */
  close(signal: string): Promise<void>;
  unsubscribeFromProcessSignals?(): void;
}

/**
 * Puts a Nest application in a service's care, before it listens:
 *
 * - its HTTP server is attached;
 * - `app.close()` runs as the hook `nest`: `onModuleDestroy`, `beforeApplicationShutdown` and
 *   `onApplicationShutdown` come after the last response, and are told the reason of the drain;
 * - Nest's own signal listeners are taken away, and `enableShutdownHooks()` has no effect any more: it
 *   would destroy the modules while requests still need them;
 * - `req.signal` is {@link requestSignal}'s;
 * - the Observable of an `@Sse` handler completes when its turn has come to leave, so that the stream ends in order;
 * - a handler that failed because its signal aborted is answered 503 with `Retry-After`, and Nest's logger
 *   does not hear of it.
 *
 * @throws {LastcallError} as {@link Service.attach} and {@link Service.hook} do.
 */
export function attachNest(
  service: Pick<Service, "attach" | "hook">,
  app: INestApplication,
  options: AbortedOptions = {},
): void {
  service.attach(app.getHttpServer() as Parameters<Service["attach"]>[0]);
  const untold = app as unknown as Untold;
  service.hook("nest", ({ reason }) => untold.close(reason));
  untold.unsubscribeFromProcessSignals?.();
  // Not by assignment, which Nest's proxy of an application swallows.
  Object.defineProperty(app, "enableShutdownHooks", { configurable: true, value: () => app });
  app.use((req: IncomingMessage, _res: ServerResponse, next: () => void) => {
    Object.defineProperty(req, "signal", { configurable: true, get: () => requestSignal(req) });
    next();
  });
  completeStreams(app);
  catchAborted();
  app.useGlobalFilters(new AbortedFilter(options));
}

class AbortedFilter implements ExceptionFilter {
  readonly #options: AbortedOptions;

  constructor(options: AbortedOptions) {
    this.#options = options;
  }

  catch(error: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const [req, res] = [http.getRequest<Raw>(), http.getResponse<Raw>()].map(
      (each) => each.raw ?? each,
    );
    answerAborted(error, req as IncomingMessage, res as ServerResponse, this.#options);
  }
}

/** What `@Catch(Aborted)` does, without importing Nest, which brings `reflect-metadata`. */
function catchAborted(): void {
  const metadata = Reflect as unknown as {
    defineMetadata(key: string, value: unknown, target: object): void;
  };
  metadata.defineMetadata("__filterCatchExceptions__", [ABORTED], AbortedFilter);
}

/** Nest asks `error instanceof` it. */
const ABORTED = { [Symbol.hasInstance]: isAborted };

/** Fastify wraps Node's request and response; Express extends them. */
interface Raw {
  readonly raw?: unknown;
}
