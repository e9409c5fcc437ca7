import type { Rule } from "../rule.js";
import { albLag } from "./alb-lag.js";
import { gceDraining } from "./gce-draining.js";
import { graceShort } from "./grace-short.js";
import { graceZero } from "./grace-zero.js";
import { livenessGrace } from "./liveness-grace.js";
import { livenessOnReadyz } from "./liveness-on-readyz.js";
import { noLagWindow } from "./no-lag-window.js";
import { noReadinessProbe } from "./no-readiness-probe.js";
import { pdbBlocks } from "./pdb-blocks.js";
import { prestopExceedsGrace } from "./prestop-exceeds-grace.js";
import { prestopLeavesLittle } from "./prestop-leaves-little.js";
import { prestopNeedsBinary } from "./prestop-needs-binary.js";
import { prestopSignals } from "./prestop-signals.js";
import { probePath } from "./probe-path.js";
import { recreate } from "./recreate.js";
import { rolloutToZero } from "./rollout-to-zero.js";
import { sidecarEndsFirst } from "./sidecar-ends-first.js";

/** What Kubernetes and what stands in front of it do in a stop. */
export const K8S: readonly Rule[] = [
  prestopExceedsGrace,
  prestopLeavesLittle,
  graceShort,
  graceZero,
  noLagWindow,
  noReadinessProbe,
  livenessOnReadyz,
  probePath,
  livenessGrace,
  prestopNeedsBinary,
  prestopSignals,
  recreate,
  rolloutToZero,
  pdbBlocks,
  sidecarEndsFirst,
  albLag,
  gceDraining,
];
