import type { Application } from "../../model/application.js";
import { isQuiet } from "./quiet-packages.js";

// A parent may also say it in a message, as PM2 does where it is told to.
const SIGNALS = ["SIGTERM", "SIGINT", "SIGQUIT", "SIGHUP", "SIGUSR2", "message"];

/** All of it is seen, it serves, and neither it nor a package of it may listen for a signal. */
export function isDeaf({
  entry,
  isComplete,
  listens,
  listeners,
  lastcall,
  packages,
}: Application): boolean {
  if (entry === null || !isComplete || listens === null || listeners === null || lastcall !== null)
    return false;
  return SIGNALS.every((name) => !listeners.has(name)) && [...packages].every(isQuiet);
}
