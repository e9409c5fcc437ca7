import type { Connection } from "./connection.js";
import type { InFlight } from "./in-flight.js";

/** Requests on connections whose responses are not finished. */
export function inFlightOn(connections: Iterable<Connection>): readonly InFlight[] {
  return [...connections].flatMap((connection) => connection.inFlight);
}

/** How many requests there are, also those that are not known yet, and connections taken over by `upgrade` or `CONNECT`. */
export function countOpen(connections: Iterable<Connection>): {
  inFlight: number;
  upgraded: number;
} {
  let [inFlight, upgraded] = [0, 0];
  for (const connection of connections) {
    inFlight += connection.inFlightCount;
    if (connection.upgraded) upgraded++;
  }
  return { inFlight, upgraded };
}
