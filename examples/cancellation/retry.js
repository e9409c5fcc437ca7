// @ts-check
import pRetry from "p-retry";

/**
 * Tries again, later each time; a signal ends both an attempt and the wait for the next one.
 *
 * @param {string} url
 * @param {AbortSignal} signal
 */
export function fetchPrice(url, signal) {
  const attempt = async () => {
    const response = await fetch(url, { signal });
    if (!response.ok) throw new Error(`${url} answered ${response.status}`);
    return response.text();
  };
  return pRetry(attempt, { retries: 5, minTimeout: 1_000, signal });
}
