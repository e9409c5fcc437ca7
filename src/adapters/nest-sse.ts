import type { IncomingMessage } from "node:http";
import type {
  CallHandler,
  ExecutionContext,
  INestApplication,
  NestInterceptor,
} from "@nestjs/common";

import { requestSignal } from "../index.js";

/** Where Nest's decorators leave what they say of a handler: whether it is `@Sse`, and its interceptors. */
const SSE = "__sse__";
const INTERCEPTORS = "__interceptors__";

interface Metadata {
  getMetadata(key: string, target: object): unknown;
  defineMetadata(key: string, value: unknown, target: object): void;
}

/** What Nest has and does not tell in its types. */
interface Untold {
  readonly container?: { getModules?(): ReadonlyMap<string, Module> };
}

interface Module {
  readonly controllers: ReadonlyMap<unknown, { readonly metatype?: unknown }>;
}

/**
 * Lets the Observable of each `@Sse` handler complete when the signal of its request aborts: when its turn has come to leave.
 * An interceptor of these handlers alone, so that no other request passes one.
 */
export function completeStreams(app: INestApplication): void {
  const { container } = app as unknown as Untold;
  for (const { controllers } of container?.getModules?.().values() ?? []) {
    for (const { metatype } of controllers.values()) {
      if (typeof metatype === "function") handlersOf(metatype).forEach(intercept);
    }
  }
}

function handlersOf(controller: object): object[] {
  const handlers: object[] = [];
  let { prototype } = controller as { prototype?: object | null };
  while (prototype !== null && prototype !== undefined && prototype !== Object.prototype) {
    for (const { value } of Object.values(Object.getOwnPropertyDescriptors(prototype))) {
      if (typeof value === "function") handlers.push(value as object);
    }
    prototype = Object.getPrototypeOf(prototype) as object | null;
  }
  return handlers;
}

function intercept(handler: object): void {
  const metadata = Reflect as unknown as Metadata;
  if (metadata.getMetadata(SSE, handler) !== true) return;
  const others = (metadata.getMetadata(INTERCEPTORS, handler) ?? []) as unknown[];
  // Two applications may have the same controller.
  if (others.includes(untilAborted)) return;
  metadata.defineMetadata(INTERCEPTORS, [untilAborted, ...others], handler);
}

/** As far as it is used here: an operator is called with what is to be told and what to subscribe to. */
interface Liftable {
  lift?(operator: { call(subscriber: Subscriber, source: Source): unknown }): unknown;
}

interface Subscriber {
  add(teardown: () => void): void;
  complete(): void;
}

interface Source {
  subscribe(subscriber: Subscriber): unknown;
}

const untilAborted: NestInterceptor = {
  intercept(context: ExecutionContext, next: CallHandler) {
    const request = context.switchToHttp().getRequest<{ raw?: IncomingMessage }>();
    const signal = requestSignal(request.raw ?? (request as unknown as IncomingMessage));
    const events = next.handle();
    return takeUntil(events as unknown as Liftable, signal) as typeof events;
  },
};

/** As `takeUntil()` of rxjs, which is Nest's and not lastcall's to load. */
function takeUntil(events: Liftable, signal: AbortSignal): unknown {
  const lifted = events.lift?.({
    call(subscriber, source) {
      const complete = (): void => subscriber.complete();
      if (signal.aborted) return complete();
      signal.addEventListener("abort", complete, { once: true });
      subscriber.add(() => signal.removeEventListener("abort", complete));
      return source.subscribe(subscriber);
    },
  });
  return lifted ?? events;
}
