// @ts-check
import { setTimeout as pause } from "node:timers/promises";
import { requestSignal } from "lastcall";

/**
 * Answers after a while, unless its client has left.
 *
 * @param {import("node:http").IncomingMessage} req
 * @param {import("node:http").ServerResponse} res
 */
export async function answerLater(req, res) {
  await pause(200, undefined, { signal: requestSignal(req) });
  res.end("done");
}
