// @ts-check
import { once } from "node:events";
import { requestSignal } from "lastcall";

/**
 * A long poll: answers with the next message. An aborted wait leaves no listener behind.
 *
 * @param {import("node:events").EventEmitter} messages
 * @param {import("node:http").IncomingMessage} req
 * @param {import("node:http").ServerResponse} res
 */
export async function answerNext(messages, req, res) {
  const [message] = await once(messages, "message", { signal: requestSignal(req) });
  res.end(String(message));
}
