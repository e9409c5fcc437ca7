// @ts-check
import { currentSignal } from "lastcall";

/**
 * Closes its connection when its client has left. `null` is no signal.
 *
 * @param {string} url
 */
export async function fetchStock(url) {
  const response = await fetch(url, { signal: currentSignal() ?? null });
  return response.json();
}
