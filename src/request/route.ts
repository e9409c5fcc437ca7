import type { IncomingMessage } from "node:http";

type Routed = IncomingMessage & { baseUrl?: string; route?: { path?: unknown } };

/**
 * What to call a request in a report: the application's route where the framework left it on the
 * request (Express), otherwise the path. Never the query: it may hold secrets.
 */
export function routeOf(req: IncomingMessage): string {
  const { baseUrl = "", route } = req as Routed;
  if (typeof route?.path === "string") return baseUrl + route.path;
  return (req.url ?? "").split("?", 1)[0] ?? "";
}
