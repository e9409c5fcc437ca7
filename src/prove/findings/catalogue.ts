import { atOnce } from "./exit/at-once.js";
import { codeLies } from "./exit/code-lies.js";
import { codeNotZero } from "./exit/code-not-zero.js";
import { diedOfSignal } from "./exit/died-of-signal.js";
import { late } from "./exit/late.js";
import { logsLost } from "./exit/logs-lost.js";
import { ignored as expectIgnored } from "./expect/ignored.js";
import { ignoresAbort } from "./handler/ignores-abort.js";
import { killed } from "./hook/killed.js";
import { noGoaway } from "./http2/no-goaway.js";
import { streamLost } from "./http2/stream-lost.js";
import { holdsExit as idleHoldsExit } from "./idle/holds-exit.js";
import { answered5xx } from "./inflight/answered-5xx.js";
import { cut as inflightCut } from "./inflight/cut.js";
import { noCloseHeader } from "./keepalive/no-close-header.js";
import { resetAfterSend } from "./keepalive/reset-after-send.js";
import { closedBeforeLameDuck } from "./listener/closed-before-lame-duck.js";
import { queueReset } from "./listener/queue-reset.js";
import { lost as pipelineLost } from "./pipeline/lost.js";
import { leftChildren } from "./process/left-children.js";
import { livenessFailed } from "./probe/liveness-failed.js";
import { cut as readerCut } from "./reader/cut.js";
import { flippedLate } from "./readiness/flipped-late.js";
import { neverFlipped } from "./readiness/never-flipped.js";
import { gap } from "./rollout/gap.js";
import type { Rule } from "./rule.js";
import { ignored as secondSignalIgnored } from "./second-signal/ignored.js";
import { ignored as signalIgnored } from "./signal/ignored.js";
import { neverArrived } from "./signal/never-arrived.js";
import { holdsExit as streamHoldsExit } from "./stream/holds-exit.js";
import { truncated } from "./stream/truncated.js";
import { cut as uploadCut } from "./upload/cut.js";
import { abnormalClose } from "./websocket/abnormal-close.js";
import { holdsExit as websocketHoldsExit } from "./websocket/holds-exit.js";
import { wrongCode } from "./websocket/wrong-code.js";
import { leftBehind } from "./work/left-behind.js";
import type { RolloutFacts } from "./facts.js";
import type { InspectionResult } from "../inspect/result.js";

/** Everything that can be found, in the order of a stop: what comes first explains what follows. */
export const RULES: readonly Rule[] = [
  neverArrived,
  signalIgnored,
  diedOfSignal,
  atOnce,
  secondSignalIgnored,
  closedBeforeLameDuck,
  queueReset,
  neverFlipped,
  flippedLate,
  livenessFailed,
  resetAfterSend,
  noCloseHeader,
  inflightCut,
  answered5xx,
  truncated,
  uploadCut,
  pipelineLost,
  expectIgnored,
  readerCut,
  abnormalClose,
  wrongCode,
  noGoaway,
  streamLost,
  idleHoldsExit,
  streamHoldsExit,
  websocketHoldsExit,
  killed,
  leftChildren,
  codeLies,
  codeNotZero,
  late,
  logsLost,
];

/** What only `--inspect` can see. */
export const INSPECT_RULES: readonly Rule<InspectionResult>[] = [ignoresAbort, leftBehind];

/** What is seen while a command runs under load. */
export const ROLLOUT_RULES: readonly Rule<RolloutFacts>[] = [gap];

/** What a finding is, apart from how it is found. */
export type Described = Omit<Rule, "find">;

/** Everything that can be found. */
export const CATALOGUE: readonly Described[] = [...RULES, ...INSPECT_RULES, ...ROLLOUT_RULES];
