// @ts-check
import { requestSignal, withTimeout } from "lastcall";

/**
 * Half a second for this part of the request, and no longer than its client waits.
 *
 * @template T
 * @param {import("node:http").IncomingMessage} req
 * @param {(signal: AbortSignal) => Promise<T>} search
 */
export async function searchInTime(req, search) {
  const signal = withTimeout(requestSignal(req), 500);
  try {
    return await search(signal);
  } finally {
    signal.clear();
  }
}
