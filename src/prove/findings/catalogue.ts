// findings/: what can be wrong with a stop, one rule a file: `<group>/<name>.ts`. This file is the list of them.
import type { InspectionResult } from "../facts/inspection.js";
import { lost as effectsLost } from "./effects/lost.js";
import { missing as effectsMissing } from "./effects/missing.js";
import { twice as effectsTwice } from "./effects/twice.js";
import { atOnce } from "./exit/at-once.js";
import { codeLies } from "./exit/code-lies.js";
import { codeNotZero } from "./exit/code-not-zero.js";
import { diedOfSignal } from "./exit/died-of-signal.js";
import { late } from "./exit/late.js";
import { logsLost } from "./exit/logs-lost.js";
import { raisedAgain } from "./exit/raised-again.js";
import { ignored as expectIgnored } from "./expect/ignored.js";
import type { EffectFacts, RolloutFacts } from "./facts.js";
import { ignoresAbort } from "./handler/ignores-abort.js";
import { killed } from "./hook/killed.js";
import { noGoaway } from "./http2/no-goaway.js";
import { streamLost } from "./http2/stream-lost.js";
import { holdsExit as idleHoldsExit } from "./idle/holds-exit.js";
import { answered5xx } from "./inflight/answered-5xx.js";
import { cut as inflightCut } from "./inflight/cut.js";
import { noCloseHeader } from "./keepalive/no-close-header.js";
import { resetAfterSend } from "./keepalive/reset-after-send.js";
import { shortTimeout } from "./keepalive/short-timeout.js";
import { closedBeforeLameDuck } from "./listener/closed-before-lame-duck.js";
import { connectsHang } from "./listener/connects-hang.js";
import { queueReset } from "./listener/queue-reset.js";
import { lost as pipelineLost } from "./pipeline/lost.js";
import { livenessFailed } from "./probe/liveness-failed.js";
import { leftChildren } from "./process/left-children.js";
import { cut as readerCut } from "./reader/cut.js";
import { flippedLate } from "./readiness/flipped-late.js";
import { neverFlipped } from "./readiness/never-flipped.js";
import { answered5xx as rolloutAnswered5xx } from "./rollout/answered-5xx.js";
import { saysClean } from "./report/says-clean.js";
import { cut as rolloutCut } from "./rollout/cut.js";
import { gap } from "./rollout/gap.js";
import { keepaliveRace } from "./rollout/keepalive-race.js";
import { refused as rolloutRefused } from "./rollout/refused.js";
import type { Rule } from "./rule.js";
import { ignored as secondSignalIgnored } from "./second-signal/ignored.js";
import { ignored as signalIgnored } from "./signal/ignored.js";
import { neverArrived } from "./signal/never-arrived.js";
import { repeatCuts } from "./signal/repeat-cuts.js";
import { holdsExit as streamHoldsExit } from "./stream/holds-exit.js";
import { truncated } from "./stream/truncated.js";
import { cut as uploadCut } from "./upload/cut.js";
import { abnormalClose } from "./websocket/abnormal-close.js";
import { holdsExit as websocketHoldsExit } from "./websocket/holds-exit.js";
import { wrongCode } from "./websocket/wrong-code.js";
import { leftBehind } from "./work/left-behind.js";

/** Everything that can be found, in the order of a stop: what comes first explains what follows. */
export const RULES: readonly Rule[] = [
  neverArrived,
  signalIgnored,
  repeatCuts,
  diedOfSignal,
  raisedAgain,
  atOnce,
  secondSignalIgnored,
  connectsHang,
  closedBeforeLameDuck,
  queueReset,
  neverFlipped,
  flippedLate,
  livenessFailed,
  resetAfterSend,
  noCloseHeader,
  shortTimeout,
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
  saysClean,
  codeNotZero,
  late,
  logsLost,
];

/** What only `--inspect` can see. */
export const INSPECT_RULES: readonly Rule<InspectionResult>[] = [ignoresAbort, leftBehind];

/** What is seen while a command runs under load. */
export const ROLLOUT_RULES: readonly Rule<RolloutFacts>[] = [
  gap,
  rolloutRefused,
  keepaliveRace,
  rolloutAnswered5xx,
  rolloutCut,
];

/** What requests left behind, with `--effects`, of stops and of rollouts. */
export const EFFECT_RULES: readonly Rule<EffectFacts>[] = [
  effectsTwice,
  effectsLost,
  effectsMissing,
];

/** Everything that can be found. */
export const CATALOGUE: readonly Omit<Rule, "find">[] = [
  ...RULES,
  ...INSPECT_RULES,
  ...ROLLOUT_RULES,
  ...EFFECT_RULES,
];
