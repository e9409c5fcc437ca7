/**
 * lastcall stops a Node.js HTTP service without dropping a request.
 *
 * @module
 */
export { lastcall, type Service } from "./lastcall.js";
export { ClientGone, DrainAborted, LastcallError, TimeoutError, type ErrorCode } from "./errors.js";
export { currentRequest, currentSignal } from "./request/ambient.js";
export { anySignal, type ClearableSignal } from "./request/any-signal.js";
export {
  eventStream,
  type EventStream,
  type EventStreamOptions,
  type ServerSentEvent,
} from "./request/event-stream.js";
export { nameRoute } from "./request/route.js";
export { requestSignal, type AnyRequest } from "./request/signal.js";
export { sleep } from "./request/sleep.js";
export { withTimeout } from "./request/timeout.js";
export { EXIT_CODES } from "./report.js";
export type { Budget } from "./budget.js";
export type {
  EventBase,
  EventName,
  Listener,
  ServiceEvent,
  ServiceEvents,
  WarningCode,
} from "./events.js";
export type {
  AttachOptions,
  CertificateReload,
  LameDuckOptions,
  LastcallOptions,
  ProbeOptions,
  UntrackedPolicy,
} from "./options.js";
export type { AttachableServer } from "./server/attachable.js";
export type { Outcome, Phase } from "./phase.js";
export type { CertificateContents, CertificateFiles } from "./server/certificate.js";
export type {
  ArrivalsReport,
  CertificateReport,
  LameDuckReport,
  DrainReport,
  HookReport,
  RequestReport,
  StallReport,
  TaskReport,
  UntrackedReport,
} from "./report.js";
export type { Closable, Farewell, FarewellContext } from "./server/farewells.js";
export type { HookContext, HookFunction, HookOptions } from "./work/hooks.js";
export type { TaskContext, TaskFunction, TaskOptions, WaitUntilOptions } from "./work/tasks.js";
