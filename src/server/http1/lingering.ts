import type { IncomingMessage } from "node:http";

/** What is known of HTTP/1 on a connection from its last answer on. */
export interface Lingering {
  /** The instant the last response was sent, and our half of the connection ended after it. */
  since?: number;
  /** The request whose body was still arriving when its answer was sent. */
  upload?: IncomingMessage | undefined;
  /** Whether a request was refused because it came after a response that said close. */
  hasRefused?: boolean;
}
