// passes/: the ways in which requests are ended, one a file, and what is asked then.
import { now } from "../../machine/now.js";
import { nameRoutes, pause, type InspectSession, type Seen } from "../session.js";

/** Clients leave in the middle of their requests: what lives after the wait has not noticed. */
export async function leaveRequests(session: InspectSession): Promise<Seen> {
  const sent = await session.send();
  await session.proceed();
  const open = session.judged(sent).filter(({ state }) => state === "waiting");
  for (const visit of open) visit.leave();
  const left = await session.noticed(open);
  await pause(session.options.inspectWait);
  const resources = await session.listAll(left);
  const entries = session.describe(resources, left, { at: now(), until: "listed" });
  return { judged: nameRoutes(left), entries };
}
