import type { Address } from "../address.js";
import { untilAnswered, type Question } from "../answer.js";
import { CannotRunError } from "../errors.js";
import { now } from "../now.js";
import type { Spawned } from "./spawned.js";
import { describePorts, findElsewhere, listPorts } from "./whereabouts.js";

export type Readiness = Omit<Question, "address">;

/**
 * Waits until a service that was started answers: on its port or, when that was not fixed, where
 * else it listens. Returns a sentence on that, or undefined when it is where it was asked to be.
 * Throws PROVE_NEVER_ANSWERED.
 */
export async function untilReady(
  subject: Spawned,
  question: Readiness,
  isFixed: boolean,
): Promise<string | undefined> {
  let isFound = false;
  const isWanted = (): boolean => !isFound && question.isWanted();
  const { address } = subject;
  const answered = untilAnswered({ ...question, address, isWanted });
  try {
    if (isFixed) {
      await answered;
      return undefined;
    }
    const moved = untilMoved(subject, { ...question, isWanted });
    return await Promise.race([answered.then(() => undefined), moved]);
  } catch (error) {
    throw error instanceof CannotRunError ? await explain(error, subject, isFixed) : error;
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
  return `it listens on ${describe(address)}, not on ${describe(asked)} as PORT says: ${describe(address)} was used`;
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

function describe({ host, port, authority }: Address): string {
  return host === "127.0.0.1" ? String(port) : authority;
}

async function explain(
  error: CannotRunError,
  subject: Spawned,
  isFixed: boolean,
): Promise<CannotRunError> {
  const { port } = subject.address;
  const ports = await listPorts(subject);
  // Where it should, and it said nothing good there: the error has what.
  if (subject.hasExited || ports.some((listening) => listening.port === port)) return error;
  const asked = isFixed ? `--port ${String(port)}` : `PORT=${String(port)}`;
  const where = describePorts(ports, asked);
  return new CannotRunError(error.code, `${error.message}; ${where}`, { cause: error });
}
