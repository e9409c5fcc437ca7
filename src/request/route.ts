/** What every kind of request has in common: Node's own, of both protocols, and a bare stream's. */
export interface NamedRequest {
  readonly method?: string | undefined;
  readonly url?: string | undefined;
}

type Routed = NamedRequest & {
  [ROUTE]?: () => string | undefined;
  baseUrl?: string;
  route?: { path?: unknown };
};

const ROUTE = Symbol("lastcall.route");

/**
 * Says what to call a request in a report: the pattern of its route, `/orders/:id`. `find` is asked when
 * a report is made, which is when a router that names routes late has done so; undefined: its path.
 *
 * For adapters of frameworks; Express' routes are found without it.
 */
export function nameRoute(req: NamedRequest, find: () => string | undefined): void {
  (req as Routed)[ROUTE] = find;
}

/**
 * What to call a request in a report: the application's route where it was named or the framework left it
 * on the request (Express), otherwise the path. Never the query: it may hold secrets.
 */
export function routeOf(req: NamedRequest): string {
  const { [ROUTE]: find, baseUrl = "", route } = req as Routed;
  const named = find?.();
  if (named !== undefined) return named;
  if (typeof route?.path === "string") return baseUrl + route.path;
  return (req.url ?? "").split("?", 1)[0] ?? "";
}
