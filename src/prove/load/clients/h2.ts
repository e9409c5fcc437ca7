import type { Random } from "../../machine/random.js";
import type { RequestTemplate } from "../../request/request.js";
import type { H2Session } from "../http2/session.js";
import type { Run } from "../run.js";

const STREAMS = 4;

/**
 * An HTTP/2 client in a closed loop, several streams at a time on one session. After GOAWAY it waits
 * for the answers that are still promised and goes on with a new session, on which it sends again
 * what the service refused as safe to send again. Nothing else is retried.
 */
export async function runH2(run: Run, index: number, onWarm: () => void): Promise<void> {
  const random = run.random(`h2 ${String(index)}`);
  const client: Client = { run, random, onWarm, refused: [] };
  const sessions: Promise<void>[] = [];
  while (run.canPlan) {
    const target = run.route.pick(random);
    if (target === undefined) break;
    const session = run.connectH2("h2", target);
    sessions.push(use(client, session));
    await session.retired();
    await run.think(random);
  }
  await Promise.all(sessions);
}

interface Client {
  readonly run: Run;
  readonly random: Random;
  readonly onWarm: () => void;
  /** To be sent again, on another session. */
  readonly refused: RequestTemplate[];
}

async function use(client: Client, session: H2Session): Promise<void> {
  const streams = Array.from({ length: STREAMS }, () => ask(client, session));
  await Promise.all(streams);
  // Without a GOAWAY the client has left the loop by itself: the run is over.
  session.leave();
}

async function ask(client: Client, session: H2Session): Promise<void> {
  const { run, random, onWarm, refused } = client;
  while (session.isUsable && run.canPlan) {
    const again = refused.shift();
    const template = again ?? run.nextOf(run.plan.h2);
    const end = await session.send(session.plan(template), again !== undefined);
    if (end === "retry") refused.push(template);
    onWarm();
    if (session.isUsable) await session.rest(random() * run.plan.thinkMs);
  }
}
