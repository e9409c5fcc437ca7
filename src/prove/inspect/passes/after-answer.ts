import { now } from "../../machine/now.js";
import { nameRoutes, pause, type InspectSession, type Seen } from "../session.js";
import type { InspectedRoute, Visit } from "../visit.js";
import { endService } from "./ending.js";

// A request that is not answered by then is none that leaves work behind its answer.
const ANSWER_MS = 3_000;

/** Requests are answered, then the service is told to stop: what lives at its exit was not waited for. */
export async function stopAnswered(session: InspectSession): Promise<Seen> {
  const routes = session.routes.filter(({ isEndless }) => !isEndless);
  // The slow ones first: of what is done behind an answer nothing should be over before the signal.
  const slow = await answer(
    session,
    routes.filter((route) => !session.isQuick(route)),
  );
  const quick = await answer(
    session,
    routes.filter((route) => session.isQuick(route)),
  );
  const answered = session.judged([...slow, ...quick]);
  const entries = answered.length === 0 ? [] : await listLeft(session, answered);
  return { judged: nameRoutes(answered), entries };
}

/** Resolves with those that were answered; the others leave. */
async function answer(
  session: InspectSession,
  routes: readonly InspectedRoute[],
): Promise<Visit[]> {
  const sent = await session.send(routes);
  for (const visit of sent) visit.finish();
  await Promise.race([Promise.all(sent.map(({ over }) => over)), pause(ANSWER_MS)]);
  for (const visit of sent) visit.leave();
  return sent.filter(({ state }) => state === "answered");
}

async function listLeft(
  session: InspectSession,
  answered: readonly Visit[],
): Promise<Seen["entries"]> {
  // A process that a signal ends can say nothing any more: this is what it is ended with.
  const before = await session.listAll(answered);
  const beforeAt = now();
  const ending = await endService(session);
  if (ending === undefined) {
    const resources = await session.list(answered);
    return session.describe(resources, answered, { at: now(), until: "grace-period-ended" });
  }
  if (ending.records.length === 0 && ending.exit.signal !== null) {
    return session.describe(before, answered, { at: beforeAt, until: "process-exited" });
  }
  return ending.records.flatMap(({ at, resources }) =>
    session.describe(resources, answered, { at, until: "process-exited" }),
  );
}
