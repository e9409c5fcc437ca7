// subject/: the service under test: started here, attached to, or known by its address alone; and whether it
// answers.
import type { Orphans, ProcessInfo } from "../facts/result.js";
import type { LastWords, SubjectExit } from "../facts/stop.js";
import type { Started } from "../machine/group.js";
import type { ListenerWatch } from "../machine/listener.js";
import type { Address } from "../request/address.js";

/** A service under test: how it is told to stop, and what can be seen of it from outside. */
export interface Subject {
  readonly generation: number;
  /** What people know it by: its command line, its process, its URL. */
  readonly name: string;
  readonly address: Address;
  /** Its process; null where there is none to watch. */
  readonly pid: number | null;
  /** What was started here, and has to end with the prover; null for nothing. */
  readonly started: Started | null;
  /** Resolves when its process has ended, its group may live on; never without a process. */
  readonly exit: Promise<SubjectExit>;
  readonly hasExited: boolean;
  /** Tells it to stop. Rejects with PROVE_STOP_FAILED when that could not be done. */
  tell(): Promise<void>;
  /**
   * Resolves when all that was told has ended: its process, or each of its group. `isService`: whether its
   * process had the listener when it was told; null where that is not known.
   */
  untilEnded(isService: boolean | null): Promise<SubjectExit>;
  /** Watches its listener from outside, where that is possible. */
  watchListener(): ListenerWatch;
  /** Whether its process has the listener itself; null where that cannot be seen. */
  hasListener(): Promise<boolean | null>;
  /** The processes that belong to it, itself excluded. */
  listOthers(): ProcessInfo[];
  /** Finds what its process left behind when it ended. */
  findOrphans(): Promise<Orphans | null>;
  /** Ends it when its grace period is over. Resolves to false when it has to be left alone. */
  kill(): Promise<boolean>;
  /** Leaves nothing behind that was started here. */
  close(): Promise<void>;
  /** Says in a clause how it ended before it was told to. */
  explainExit(exit: SubjectExit): Promise<string>;
  /** The end of what it wrote; null where that is not known. */
  lastWords(): Promise<LastWords | null>;
  /** Its last words, for an error message; empty when they are not known. */
  describeOutput(): Promise<string>;
}

/** Its process and those that belong to it. */
export function listPids(subject: Subject): number[] {
  const own = subject.pid === null ? [] : [subject.pid];
  return [...own, ...subject.listOthers().map(({ pid }) => pid)];
}
