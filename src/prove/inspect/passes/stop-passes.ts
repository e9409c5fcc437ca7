import { now } from "../../machine/now.js";
import { nameRoutes, pause, type InspectSession, type Seen } from "../session.js";
import type { Visit } from "../visit.js";
import { endService } from "./ending.js";

// What ends sooner after its connection was cut has noticed, and needed the time to end.
const NOTICE_MS = 50;
const LAST_MS = 1_000;

/**
 * The service is told to stop in the middle of requests whose clients wait: what lives when the grace
 * period ends, or when the process exits after it has cut the connection, has not noticed.
 */
export async function stopRequests(session: InspectSession): Promise<Seen> {
  const sent = await session.send();
  await session.proceed();
  const open = session.judged(sent).filter(({ state }) => state === "waiting");
  const entries = open.length === 0 ? [] : await listIgnored(session, open);
  return { judged: nameRoutes(open), entries };
}

async function listIgnored(
  session: InspectSession,
  open: readonly Visit[],
): Promise<Seen["entries"]> {
  for (const visit of open) visit.finish();
  const toldAt = now();
  const ending = await endService(session);
  if (ending === undefined) {
    const unanswered = open.filter(({ state }) => state !== "answered");
    const resources = await session.list(unanswered);
    const end = { at: now(), since: toldAt, until: "grace-period-ended" } as const;
    return session.describe(resources, unanswered, end);
  }
  // The last of their answers may still be on its way.
  await Promise.race([Promise.all(open.map(({ over }) => over)), pause(LAST_MS)]);
  return ending.records.flatMap(({ at, resources, closed }) => {
    const cut = open.filter(
      ({ id, state }) => state === "cut" && (closed[id] ?? at) <= at - NOTICE_MS,
    );
    return session.describe(resources, cut, { at, until: "process-exited" });
  });
}
