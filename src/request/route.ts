import type { ServerHttp2Stream } from "node:http2";

import { textOf, wrongArgument } from "../errors.js";
import type { Fence } from "../fence.js";
import { streamOf } from "./stream.js";

/** What every kind of request has in common: Node's own, of both protocols, and a bare stream's. */
export interface NamedRequest {
  readonly method?: string | undefined;
  readonly url?: string | undefined;
}

/** A route's pattern, or what finds it once a report is made: some routers name a route late. */
type Route = string | (() => string | undefined);

const ROUTE: unique symbol = Symbol.for("lastcall.route.1");

const HEAD: unique symbol = Symbol.for("lastcall.head.1");

type Bound = ServerHttp2Stream & { [HEAD]?: NamedRequest };

type Routed = NamedRequest & { [ROUTE]?: Route; baseUrl?: string; route?: { path?: unknown } };

/**
 * Says what to call a request in reports and events: the pattern of its route, `/orders/:id`. For frameworks
 * that do not leave it on the request, as Express does. The last call counts.
 *
 * @param req the request of a Node server, or a stream of HTTP/2.
 * @param route the pattern, or a function that is asked for it when a report is made; undefined: its path.
 * @throws {LastcallError} `ERR_LASTCALL_ARGUMENT` for something that is no object, or a route that is neither.
 */
export function nameRoute(req: object, route: Route): void {
  if (typeof req !== "object" || req === null) throw wrongArgument("req", "a request", req);
  if (typeof route !== "string" && typeof route !== "function") {
    throw wrongArgument("route", "a string or a function", route);
  }
  (subjectOf(req) as Routed)[ROUTE] = route;
}

/** The stream of HTTP/2: its request and itself are two faces of one thing. */
function subjectOf(req: object): object {
  return streamOf(req) ?? req;
}

/** Remembers what a stream was asked for: Node itself does not. */
export function bindHead(stream: ServerHttp2Stream, head: NamedRequest): void {
  (stream as Bound)[HEAD] = head;
}

/** A request in a report's words, as far as the application's objects tell. */
export function describeRequest(
  req: NamedRequest | ServerHttp2Stream,
  fence: Fence,
): { method: string; route: string } {
  const describe = (): { method: string; route: string } => {
    const named: NamedRequest = (req as Bound)[HEAD] ?? (req as NamedRequest);
    return { method: textOf(named.method), route: routeOf(named, fence) };
  };
  return fence.ask("request", describe, { method: "", route: "" });
}

/**
 * What to call a request in a report: the application's route where it was named or the framework left it
 * on the request (Express), otherwise the path. Never the query: it may hold secrets.
 */
function routeOf(req: NamedRequest, fence: Fence): string {
  const named = (subjectOf(req) as Routed)[ROUTE];
  const found = typeof named === "function" ? fence.ask("route name", named, undefined) : named;
  if (typeof found === "string") return found;
  return fence.ask("route", () => routeOfExpress(req), undefined) ?? pathOf(req);
}

function routeOfExpress(req: Routed): string | undefined {
  const { baseUrl = "", route } = req;
  return typeof route?.path === "string" ? `${baseUrl}${route.path}` : undefined;
}

function pathOf({ url }: NamedRequest): string {
  return textOf(url).split("?", 1)[0] ?? "";
}
