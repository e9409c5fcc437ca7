import type { ResolvedOptions } from "../options/resolve.js";
import type { RequestTemplate } from "../request/request.js";
import type { InspectedRoute } from "./visit.js";

type Requests = Pick<
  ResolvedOptions,
  "requests" | "slow" | "uploads" | "h2" | "stalled" | "pipelined" | "expecting" | "events"
>;

/** The requests of the load, each once. WebSockets are none. */
export function listRoutes(options: Requests): InspectedRoute[] {
  const { requests, slow, uploads, stalled, pipelined, expecting, events, h2 } = options;
  const routes = [
    ...[...requests, ...slow, ...stalled, ...pipelined].map((each) => toRoute(each)),
    ...events.map((each) => toRoute(each, { isEndless: true })),
    ...[...uploads, ...expecting].map((each) => toRoute(each, { isUpload: true })),
    ...h2.map((each) => toRoute(each, { isHttp2: true })),
  ];
  const known = new Map(routes.map((route) => [JSON.stringify(route), route]));
  return [...known.values()];
}

function toRoute(
  template: RequestTemplate,
  { isHttp2 = false, isUpload = false, isEndless = false } = {},
): InspectedRoute {
  const name = `${template.method} ${template.path}`;
  return { name, template: withoutId(template), isHttp2, isUpload, isEndless };
}

/** The preload knows a request by this field. */
function withoutId({ headers = [], ...template }: RequestTemplate): RequestTemplate {
  const others = headers.filter(([name]) => !/^x-request-id$/i.test(name));
  return { ...template, headers: others };
}
