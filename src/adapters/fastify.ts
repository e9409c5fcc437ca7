/**
 * Fastify 5: attached with every server it makes, closed after the last response, the request's signal as
 * `request.signal`, an answer for requests that were aborted, and its routes in the report.
 *
 * @module
 */
import type { Server } from "node:http";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";

import { isClientGone } from "../errors.js";
import { nameRoute, requestSignal, type Service } from "../index.js";
import { aborted, whyAborted, type AbortedOptions } from "./aborted.js";

export type { AbortedOptions } from "./aborted.js";

/**
 * Puts a Fastify application in a service's care, before its routes are declared:
 *
 * - its servers are attached, those too that it makes for the other addresses of `localhost`;
 * - `app.close()` runs as the hook `fastify`, so `preClose` and `onClose` come after the last response;
 * - `request.signal` is {@link requestSignal}'s, in place of Fastify's own, which knows nothing of a drain;
 * - a handler that failed because its signal aborted is answered 503 with `Retry-After` and logged as
 *   information; error handlers do not hear of it.
 *
 * @throws {LastcallError} as {@link Service.attach} and {@link Service.hook} do.
 */
export function attachFastify(
  service: Pick<Service, "attach" | "hook">,
  app: FastifyInstance,
  options: AbortedOptions = {},
): void {
  service.attach(app.server);
  app.addHook("onListen", (done) => {
    for (const server of otherServers(app)) service.attach(server);
    done();
  });
  service.hook("fastify", () => app.close());
  app.addHook("onRequest", (request, _reply, done) => {
    nameRoute(request.raw, () => request.routeOptions.url);
    Object.defineProperty(request, "signal", { get: () => requestSignal(request.raw) });
    done();
  });
  app.addHook("onRoute", (route) => {
    const { errorHandler: own } = route;
    // Before the handlers of the route's scope, which hear of what is thrown here.
    route.errorHandler = function (error, request, reply) {
      if (answer(error, request, reply, options)) return;
      if (own === undefined) throw error;
      own.call(this, error, request, reply);
    };
  });
}

/** One more for each other address of the host; Fastify shows them nowhere else. */
function otherServers(app: FastifyInstance): readonly Server[] {
  const name = Object.getOwnPropertySymbols(app).find(
    ({ description }) => description === "fastify.serverBindings",
  );
  return name === undefined ? [] : ((app as unknown as Record<symbol, Server[]>)[name] ?? []);
}

function answer(
  error: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
  options: AbortedOptions,
): boolean {
  const why = whyAborted(error, request.raw);
  if (why === undefined) return false;
  request.log.info({ reason: why.message }, "request aborted");
  if (isClientGone(why) || reply.raw.headersSent) {
    reply.hijack();
    reply.raw.destroy();
    return true;
  }
  const { status, headers, body } = aborted(options);
  void reply.code(status).headers(headers).type("text/plain").send(body);
  return true;
}
