import type { Socket } from "node:net";

import { replaceMethods, type Passing } from "../passing-methods.js";

/**
 * Calls back right before anything is written to a socket past an answer, or it is ended or destroyed. Returns the function that
 * takes it back.
 */
export function beforeOthers(socket: Socket, call: () => void): () => void {
  const first: Passing = (_args, passOn) => {
    call();
    return passOn();
  };
  return replaceMethods(socket, { write: first, end: first, destroy: first });
}
