import type { Client } from "../../facts/ledger.js";
import type { RequestTemplate } from "../../request/request.js";
import type { Run } from "../run.js";

/**
 * Asks once before the signal what a client in position will ask around it, so that an answer it
 * does not expect can be told from one that the stop made so.
 */
export async function askOnce(run: Run, client: Client, template: RequestTemplate): Promise<void> {
  const [target] = run.route.targets;
  if (target === undefined) return;
  const connection = run.connect(client, target);
  await run.request(connection, template);
  connection.leave();
}
