import { now } from "../now.js";
import { nameRoutes, pause, type InspectSession, type Seen } from "./session.js";

/** How long a request may get on with its work before it is cancelled. */
export const MOMENT_MS = 200;

/** Clients leave in the middle of their requests: what lives after the wait has not noticed. */
export async function leaveRequests(session: InspectSession): Promise<Seen> {
  const sent = await session.send();
  await pause(MOMENT_MS);
  const open = session.judged(sent).filter(({ state }) => state === "waiting");
  for (const visit of open) visit.leave();
  await pause(session.options.inspectWait);
  const resources = await session.list(open);
  const entries = session.describe(resources, open, { at: now(), until: "listed" });
  return { judged: nameRoutes(open), entries };
}
