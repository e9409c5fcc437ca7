import type { SubjectExit } from "../../facts/stop.js";
import { now } from "../../machine/now.js";
import type { ExitRecord } from "../protocol.js";
import { pause, type InspectSession } from "../session.js";

/** How a service that was told to stop has ended. */
export interface Ending {
  readonly exit: SubjectExit;
  /** What each of its processes wrote as its last; none of one that a signal ended. */
  readonly records: readonly ExitRecord[];
}

// A wrapper that passed the signal on may go a moment before the service does.
const LAST_MS = 500;

/** Tells the service to stop. Resolves to undefined when its grace period ends first. */
export async function endService(session: InspectSession): Promise<Ending | undefined> {
  const { subject, link, options } = session;
  const deadline = now() + options.grace;
  await subject.tell();
  const exit = await Promise.race([subject.exit, pause(deadline - now())]);
  if (exit === undefined) return undefined;
  await Promise.race([link.left(), pause(LAST_MS)]);
  return { exit, records: await link.exits() };
}
