// @ts-check
import { sleep } from "lastcall";

/**
 * Is not handed the request, and gives up with it even so.
 *
 * @param {() => Promise<boolean>} isReady
 */
export async function untilReady(isReady) {
  while (!(await isReady())) await sleep(200);
}
