import type { ChildProcess } from "node:child_process";
import type { ClientRequest } from "node:http";
import { inspect } from "node:util";
import type { Worker } from "node:worker_threads";

type IsAlive = (object: object) => boolean;

/**
 * Whether a resource still stands for work, by its own state: Node tells of an end only a while after it,
 * and never when that end is the one of the process. What is not listed here hides no work.
 */
export const ALIVE: Readonly<Record<string, IsAlive>> = {
  PROMISE: isPending,
  Timeout: (object) => isScheduled(object as NodeJS.Timeout),
  // What has begun is taken off the list; until then it lives.
  Immediate: () => true,
  FSREQCALLBACK: () => true,
  TCPWRAP: isReferenced,
  PIPEWRAP: isReferenced,
  FSEVENTWRAP: isReferenced,
  STATWATCHER: isReferenced,
  ClientRequest: (object) => !hasClosed(object as ClientRequest),
  UndiciRequest: (object) => !hasEnded(object as UndiciRequest),
  FileStream: (object) => !(object as { destroyed: boolean }).destroyed,
  ChildProcess: (object) => isRunning(object as ChildProcess),
  Worker: (object) => (object as Worker).threadId !== -1,
};

/** Those that are over as soon as they have called back. */
export const ONE_SHOT: ReadonlySet<string> = new Set(["Immediate", "FSREQCALLBACK"]);

/** The state of a promise has no other public reader. */
function isPending(promise: object): boolean {
  return inspect(promise, { depth: 0, customInspect: false }).includes("<pending>");
}

/** Neither over nor running just now. Of one that is unref'd its maker says that nothing waits for it. */
function isScheduled(timer: NodeJS.Timeout): boolean {
  const { _destroyed, _idleNext } = timer as { _destroyed?: boolean; _idleNext?: object | null };
  return _destroyed !== true && _idleNext !== null && timer.hasRef();
}

/** A handle that is open, and that is waited for. */
function isReferenced(handle: object): boolean {
  return (handle as { hasRef?: () => boolean }).hasRef?.() ?? true;
}

function hasClosed(request: ClientRequest): boolean {
  return request.destroyed || request.closed;
}

interface UndiciRequest {
  readonly completed: boolean;
  readonly aborted: boolean;
}

function hasEnded({ completed, aborted }: UndiciRequest): boolean {
  return completed || aborted;
}

function isRunning(child: ChildProcess & { readonly _handle?: object | null }): boolean {
  return child.exitCode === null && child.signalCode === null && isReferenced(child._handle ?? {});
}
