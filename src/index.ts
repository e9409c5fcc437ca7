/**
 * lastcall stops a Node.js HTTP service without dropping a request.
 *
 * @module
 */
export type { Check, CheckContext } from "./probes/checks.js";
export { lastcall, type Service } from "./lastcall.js";
export {
  ClientGoneError,
  DrainAbortedError,
  isLastcallError,
  LastcallError,
  TimeoutError,
  type ErrorCode,
} from "./errors.js";
export { currentRequest, currentSignal } from "./request/current.js";
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
  TimeoutOptions,
} from "./options/options.js";
export type { AttachableServer } from "./server/attachable.js";
export type { HookStage, Outcome, Phase, UntrackedPolicy } from "./phase.js";
export type { CertificateContents, CertificateFiles } from "./server/listener/certificate.js";
export type {
  ArrivalsReport,
  CertificateReport,
  LameDuckReport,
  DrainReport,
  FaultReport,
  HookReport,
  RequestReport,
  SignalEffect,
  SignalReport,
  StallReport,
  TaskReport,
  UntrackedReport,
  WorkerReport,
} from "./report.js";
export type { RequestHead } from "./server/long-lived/event-source.js";
export type { Closable, Goodbye, GoodbyeContext } from "./server/goodbyes/goodbye.js";
export type {
  RegistryCalls,
  RegistryContext,
  RegistryFunction,
  RegistryOptions,
} from "./registries/registry-calls.js";
export type { HookContext, HookFunction, HookOptions } from "./work/hooks.js";
export type { TaskContext, TaskFunction, TaskOptions, WaitUntilOptions } from "./work/tasks.js";
