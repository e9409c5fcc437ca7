/**
 * Messages whose `cmd` begins with `NODE_` are Node's own: they come as `internalMessage`, and never reach a listener of
 * `message`.
 */
export const COMMAND = "NODE_LASTCALL";

/** A message between the primary and a worker, on the channel that Node has made for them. */
export interface Envelope<M> {
  readonly cmd: typeof COMMAND;
  readonly lastcall: M;
}
