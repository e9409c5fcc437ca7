import { createHook, executionAsyncId } from "node:async_hooks";
import { now } from "../../machine/now.js";
import type { Followed, Resource } from "../protocol.js";
import { ALIVE, ONE_SHOT } from "./alive.js";
import { collectGarbage } from "./collect.js";
import { readFrames, takeTrace, type Trace } from "./trace.js";

interface Made {
  readonly type: string;
  readonly request: string;
  readonly madeAt: number;
  readonly trace: Trace;
  readonly object: WeakRef<object>;
  /** What was running when it was made. */
  parent: Made | undefined;
  isOver: boolean;
}

// A loop makes each turn's resource in the one before: without an end its whole past would stay.
const ANCESTORS = 4;

/** Notes what is made on behalf of requests, and forgets it when it ends. */
export class Recorder {
  /** The request on whose behalf something runs, by Node's id of what runs. */
  readonly #requests = new Map<number, string>();
  readonly #made = new Map<number, Made>();
  /** Held: a file stream that is collected leaves its file open, which is not its end. */
  readonly #followed = new Set<Made & { readonly held: object }>();
  readonly #seen = new WeakSet<object>();
  #isOwn = false;
  #isOn = false;

  /** What runs now, and all that it makes, belongs to that request; undefined: to none. */
  enter(request: string | undefined): void {
    if (request === undefined) this.#requests.delete(executionAsyncId());
    else {
      this.#turnOn();
      this.#requests.set(executionAsyncId(), request);
    }
  }

  /** Does something of the prover's own, which is no work of the service's. */
  quietly(act: () => void): void {
    this.#isOwn = true;
    act();
    this.#isOwn = false;
  }

  /** Follows an object for as long as it is open. */
  follow(type: Followed, object: object): void {
    const made = this.#seen.has(object) ? undefined : this.#describe(type, object);
    if (made === undefined) return;
    this.#seen.add(object);
    this.#followed.add(Object.assign(made, { held: object }));
  }

  /** What still lives on behalf of those requests, and their promises; of all, without a list. */
  list(requests?: ReadonlySet<string>): Resource[] {
    collectGarbage();
    return [...this.#made.values(), ...this.#followed]
      .filter(({ request }) => requests?.has(request) ?? true)
      .map((made) => tell(made))
      .filter(({ type, isOver }) => !isOver || type === "PROMISE");
  }

  /** Not before the first request that is inspected: until then the service runs as always. */
  #turnOn(): void {
    if (this.#isOn) return;
    this.#isOn = true;
    createHook({
      init: (id, type, _trigger, object) => this.#make(id, type, object),
      before: (id) => this.#begin(id),
      destroy: (id) => this.#forget(id),
    }).enable();
  }

  #make(id: number, type: string, object: object): void {
    const made = this.#describe(type, object);
    if (made === undefined) return;
    this.#requests.set(id, made.request);
    this.#made.set(id, made);
    if (type === "TickObject") this.#followFile(object);
  }

  #begin(id: number): void {
    const made = this.#made.get(id);
    if (made !== undefined && ONE_SHOT.has(made.type)) made.isOver = true;
  }

  #forget(id: number): void {
    this.#requests.delete(id);
    if (this.#made.get(id)?.type !== "PROMISE") this.#made.delete(id);
  }

  #describe(type: string, object: object): Made | undefined {
    const running = executionAsyncId();
    const request = this.#requests.get(running);
    if (request === undefined || this.#isOwn) return undefined;
    const made: Made = {
      type,
      request,
      madeAt: now(),
      trace: takeTrace(),
      object: new WeakRef(object),
      parent: this.#made.get(running),
      isOver: false,
    };
    cut(made);
    return made;
  }

  /**
   * A file stream opens itself in a later turn, and between two reads nothing of it is running. That
   * turn is made where the stream is, with the stream as its argument.
   */
  #followFile(tick: { readonly args?: readonly unknown[] }): void {
    const [stream] = tick.args ?? [];
    if (isFileStream(stream)) this.follow("FileStream", stream);
  }
}

function cut(made: Made): void {
  let last: Made | undefined = made;
  for (let depth = 0; depth < ANCESTORS; depth += 1) last = last?.parent;
  if (last !== undefined) last.parent = undefined;
}

function isFileStream(value: unknown): value is object {
  if (typeof value !== "object" || value === null) return false;
  const { name } = value.constructor;
  return (name === "ReadStream" || name === "WriteStream") && "fd" in value && "path" in value;
}

/** What was collected can do nothing any more: Node keeps what it still works on. */
function isAlive({ type, object, isOver }: Made): boolean {
  const target = object.deref();
  return target !== undefined && !isOver && (ALIVE[type]?.(target) ?? false);
}

function tell(made: Made): Resource {
  const { type, request, madeAt } = made;
  const stacks: Resource["stacks"][number][] = [];
  for (let at: Made | undefined = made; at !== undefined; at = at.parent) {
    stacks.push(readFrames(at.trace));
  }
  return { type, request, madeAt, isOver: !isAlive(made), stacks };
}
