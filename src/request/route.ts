/** What every kind of request has in common: Node's own, of both protocols, and a bare stream's. */
export interface NamedRequest {
  readonly method?: string | undefined;
  readonly url?: string | undefined;
}

type Routed = NamedRequest & { baseUrl?: string; route?: { path?: unknown } };

/**
 * What to call a request in a report: the application's route where the framework left it on the
 * request (Express), otherwise the path. Never the query: it may hold secrets.
 */
export function routeOf(req: NamedRequest): string {
  const { baseUrl = "", route } = req as Routed;
  if (typeof route?.path === "string") return baseUrl + route.path;
  return (req.url ?? "").split("?", 1)[0] ?? "";
}
