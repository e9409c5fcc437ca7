import { setTimeout as sleep } from "node:timers/promises";
import type { Run } from "../run.js";

// A storm of clients that come back at once is no part of this load.
const BACK_MS = 250;

/**
 * A WebSocket that stays open. The service has to say goodbye with a close frame; its client answers
 * it, and connects again while the balancer still routes.
 */
export async function runWebSocket(run: Run, index: number, onWarm: () => void): Promise<void> {
  const random = run.random(`websocket ${String(index)}`);
  while (run.canPlan) {
    const target = run.route.pick(random);
    if (target === undefined) return;
    const connection = run.connectWebSocket(target);
    await connection.join(connection.plan(run.nextOf(run.plan.websockets)));
    onWarm();
    await connection.closed();
    await Promise.race([sleep(BACK_MS), run.route.closed()]);
  }
}
