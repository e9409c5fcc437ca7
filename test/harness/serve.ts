import { once } from "node:events";
import http, { type RequestListener } from "node:http";
import https from "node:https";
import type { AddressInfo, Server } from "node:net";
import type { TestContext } from "node:test";

import { lastcall, type LastcallOptions, type Service } from "lastcall";

import { certificate } from "./tls.js";
import type { Target } from "./wire.js";

export interface Served {
  service: Service;
  server: http.Server;
  target: Target;
}

/** Options for a service inside the test process: it owns no signals and keeps its report to itself. */
export const QUIET: LastcallOptions = { signals: false, report: false };

/**
 * A service with one attached server on a free port, cut when the test is over. The lame duck is off
 * unless the test asks for one, so that a test need not wait for what it is not about.
 */
export async function serve(
  t: TestContext,
  app: RequestListener,
  options: LastcallOptions & { tls?: boolean } = {},
): Promise<Served> {
  const { tls = false, ...rest } = options;
  const service = lastcall({ ...QUIET, lameDuck: false, ...rest });
  const server = service.attach(
    tls ? https.createServer(certificate, app) : http.createServer(app),
  );
  t.after(() => service.abort().catch(() => {}));
  const target = { port: await listen(server), tls };
  return { service, server, target };
}

/** A plain server, the negative control; destroyed when the test is over. */
export async function plain(
  t: TestContext,
  app: RequestListener,
  options: { tls?: boolean } = {},
): Promise<{ server: http.Server; target: Target }> {
  const { tls = false } = options;
  const server = tls ? https.createServer(certificate, app) : http.createServer(app);
  t.after(() => {
    server.close();
    server.closeAllConnections();
  });
  return { server, target: { port: await listen(server), tls } };
}

/** Listens on a free port of 127.0.0.1; resolves to it. */
export async function listen(server: Server): Promise<number> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return (server.address() as AddressInfo).port;
}
