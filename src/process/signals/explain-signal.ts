import type { Budget } from "../../budget.js";
import type { WarningCode } from "../../events.js";
import type { SignalReport } from "../../report.js";

/** What the operator should know of a signal after the first; undefined of the first. */
export function explainSignal(
  { signal, atMs, from, by, effect }: SignalReport,
  first: SignalReport | undefined,
  { gracePeriodMs }: Budget,
): { readonly code: WarningCode; readonly message: string } | undefined {
  // They tell once, whatever else the process has heard.
  if (from === "primary" || from === "main") return undefined;
  const after = sayTime(atMs - (first?.atMs ?? 0));
  const raised = `${signal} was raised by this process itself${by === undefined ? "" : `, at ${by}`}`;
  switch (effect) {
    case "stop":
      return undefined;
    case "ignored":
      return {
        code: "signal-raised",
        message: `${raised}, ${after} after the stop began; it changes nothing`,
      };
    case "repeat": {
      const what = from === "self" ? raised : `${signal} came once more`;
      return {
        code: "signal-repeated",
        message: `${what}, ${after} after ${first?.signal}: one stop, told again`,
      };
    }
    case "cut":
      return {
        code: "signal-cut",
        message:
          `${signal} came ${after} after ${first?.signal} and cut the drain: what stops this process gave it ${after} of the ` +
          `${sayTime(gracePeriodMs)} budget. Where that was the platform, give \`gracePeriod\` that time or the platform more`,
      };
  }
}

function sayTime(ms: number): string {
  return ms < 1_000 ? `${Math.round(ms)} ms` : `${(ms / 1_000).toFixed(1)} s`;
}
