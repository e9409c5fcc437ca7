// @ts-check
import { anySignal, requestSignal } from "lastcall";

/**
 * One connection to the warehouse for all requests: what waits for it also gives up when that is gone.
 *
 * @param {{ lost: AbortSignal, reserve(id: string, signal: AbortSignal): Promise<void> }} warehouse
 * @param {import("node:http").IncomingMessage} req
 * @param {string} id
 */
export async function reserve(warehouse, req, id) {
  const signal = anySignal([requestSignal(req), warehouse.lost]);
  await warehouse.reserve(id, signal);
}
