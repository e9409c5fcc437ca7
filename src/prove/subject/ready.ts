import { CannotRunError } from "../facts/errors.js";
import { now } from "../machine/now.js";
import type { Address } from "../request/address.js";
import { untilAnswered, type Question } from "./answer.js";
import type { Spawned } from "./spawned.js";
import { describePorts, findElsewhere, listPorts } from "./whereabouts.js";

export type Readiness = Omit<Question, "address">;

/** What a service was told about its port. */
export interface Told {
  /** As its reader knows it: `--port 3000`, `PORT=15821`. */
  readonly asked: string;
  /** Whether it may listen elsewhere. */
  readonly mayMove: boolean;
}

/**
 * Waits until a service that was started answers: on its port or, when it may, where else it
 * listens. Returns a sentence on that, or undefined when it is where it was asked to be.
 * Throws PROVE_NEVER_ANSWERED.
 */
export async function untilReady(
  subject: Spawned,
  question: Readiness,
  { asked, mayMove }: Told,
): Promise<string | undefined> {
  let isFound = false;
  const isWanted = (): boolean => !isFound && question.isWanted();
  const { address } = subject;
  const answered = untilAnswered({ ...question, address, isWanted });
  try {
    if (!mayMove) {
      await answered;
      return undefined;
    }
    const moved = untilMoved(subject, { ...question, isWanted });
    return await Promise.race([answered.then(() => undefined), moved]);
  } catch (error) {
    throw error instanceof CannotRunError ? await explain(error, subject, asked) : error;
  } finally {
    isFound = true;
  }
}

/** Resolves when the service has answered elsewhere; never when it does not. */
async function untilMoved(subject: Spawned, question: Readiness): Promise<string> {
  const deadline = now() + question.timeoutMs;
  const asked = subject.address;
  const address = await findElsewhere(subject, question.isWanted);
  const isThere = address !== undefined && (await hasAnswered(address, question, deadline));
  if (!isThere) return new Promise(() => {});
  subject.moveTo(address);
  const isHost = address.host !== asked.host;
  const [there, here] = [address, asked].map(({ port, authority }) =>
    isHost ? authority : String(port),
  );
  return `it listens on ${String(there)}, not on ${String(here)} as PORT says: ${String(there)} was used`;
}

async function hasAnswered(
  address: Address,
  question: Readiness,
  deadline: number,
): Promise<boolean> {
  try {
    await untilAnswered({ ...question, address, timeoutMs: deadline - now() });
    return true;
  } catch {
    return false;
  }
}

async function explain(
  error: CannotRunError,
  subject: Spawned,
  asked: string,
): Promise<CannotRunError> {
  const { port, path } = subject.address;
  if (path !== undefined) return error;
  const ports = await listPorts(subject);
  // Where it should, and it said nothing good there: the error has what.
  if (subject.hasExited || ports.some((listening) => listening.port === port)) return error;
  const where = describePorts(ports, asked);
  return new CannotRunError(error.code, `${error.message}; ${where}`, { cause: error });
}
