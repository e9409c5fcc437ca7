import { constants } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import type { SubjectExit } from "../facts/stop.js";
import { listGroup, startTimeOf } from "../machine/group.js";
import { now } from "../machine/now.js";
import type { Child } from "./child.js";

const LOOK_MS = 10;

/** How a command that was started here is told to stop, and when all that was told has ended. */
export interface Teller {
  tell(): void;
  /** `isService`: whether the started process is the service itself; null where that cannot be seen. */
  untilEnded(isService: boolean | null): Promise<SubjectExit>;
  /** What ends from now on was not let end by itself. */
  noteKill(): void;
}

/** Signals the started process alone, as a container runtime signals its first process. */
export function createTeller(child: Child, signal: NodeJS.Signals): Teller {
  return {
    tell: () => {
      child.signal(signal);
    },
    untilEnded: () => child.exit,
    noteKill: () => {},
  };
}

/** Signals its group, as a terminal does, systemd, and an init that is told to. */
export class GroupTeller implements Teller {
  readonly #child: Child;
  readonly #signal: NodeJS.Signals;
  #isKilled = false;

  constructor(child: Child, signal: NodeJS.Signals) {
    this.#child = child;
    this.#signal = signal;
  }

  tell(): void {
    this.#child.signalGroup(this.#signal);
  }

  /**
   * Follows it to the end of its last member. When the started process died of the signal and another was
   * the service, neither code nor signal is the service's own: both are null.
   */
  async untilEnded(isService: boolean | null): Promise<SubjectExit> {
    const exit = await this.#child.exit;
    const isLast = !this.#isLeft();
    while (this.#isLeft()) await this.#untilGone();
    const at = isLast ? exit.at : now();
    if (this.#isKilled) return { code: null, signal: "SIGKILL", at };
    const isUnknown = !(isService ?? isLast) && isDiedOf(exit, this.#signal);
    return isUnknown ? { code: null, signal: null, at } : { ...exit, at };
  }

  noteKill(): void {
    this.#isKilled = true;
  }

  #isLeft(): boolean {
    return listGroup(this.#child.pid).length > 0;
  }

  /** Looks at those that are known: a list of all processes costs a hundred times as much. */
  async #untilGone(): Promise<void> {
    const members = listGroup(this.#child.pid);
    const known = members.map(({ pid }) => ({ pid, startedAt: startTimeOf(pid) }));
    const isSame = ({ pid, startedAt }: (typeof known)[number]): boolean =>
      startedAt !== undefined && startTimeOf(pid) === startedAt;
    do await sleep(LOOK_MS, undefined, { ref: false });
    while (known.some(isSame));
  }
}

/** Signals the first process of a PID namespace, which runs under what made that. */
export class Pid1Teller implements Teller {
  readonly #child: Child;
  readonly #pid: number;
  readonly #signal: NodeJS.Signals;
  #isKilled = false;

  constructor(child: Child, pid: number, signal: NodeJS.Signals) {
    this.#child = child;
    this.#pid = pid;
    this.#signal = signal;
  }

  tell(): void {
    try {
      process.kill(this.#pid, this.#signal);
    } catch {
      // ESRCH: it has gone.
    }
  }

  /** `unshare` has its exit code, but not the signal that ended it. */
  async untilEnded(): Promise<SubjectExit> {
    const exit = await this.#child.exit;
    return this.#isKilled ? { code: null, signal: "SIGKILL", at: exit.at } : exit;
  }

  noteKill(): void {
    this.#isKilled = true;
  }
}

/** A shell that dies of a signal while its command runs says 128 + n where it lives long enough to. */
function isDiedOf({ code, signal }: SubjectExit, sent: NodeJS.Signals): boolean {
  return signal === sent || code === 128 + constants.signals[sent];
}
