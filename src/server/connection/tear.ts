import { ServerResponse } from "node:http";

import { streamOf } from "../../request/stream.js";
import { connectionOf } from "./connection.js";
import { destroy } from "./cut.js";
import { tearStream } from "../http2/streams.js";

/** Destroys what lasts; an answer of an attached server so that its client can tell the end from success. */
export function tear(closable: { destroy?(): unknown }): void {
  const stream = streamOf(closable);
  if (stream !== undefined) {
    tearStream(stream);
    return;
  }
  const socket = closable instanceof ServerResponse ? closable.socket : null;
  const connection = socket === null ? undefined : connectionOf(socket);
  if (connection === undefined) closable.destroy?.();
  else destroy(connection);
}
