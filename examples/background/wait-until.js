// @ts-check

/**
 * Answers first and publishes afterwards. The drain waits for it, the report names the route, and a client that leaves
 * does not cancel it: only the end of the budget does.
 *
 * @param {import("lastcall").Service} service
 * @param {(event: string, signal: AbortSignal) => Promise<void>} publish
 * @param {import("node:http").IncomingMessage} req
 * @param {import("node:http").ServerResponse} res
 */
export function createOrder(service, publish, req, res) {
  res.writeHead(202).end();
  const published = publish("order created", service.aborting);
  service.waitUntil(published, { name: "publish", request: req });
}
