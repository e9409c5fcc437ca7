import { renderTimeline, renderVerdict, type ProveResult } from "../../prove/index.js";
import { hasColor, type Io } from "../io.js";
import type { Output } from "./output.js";

/** The verdict for people, on stdout. Why there is none stands on stderr in any case. */
export function createTextOutput({ stdout }: Io): Output {
  return {
    writeResult: (result) => {
      stdout.write(`${draw(result, hasColor(stdout), stdout.columns)}\n`);
    },
    writeError: () => {},
  };
}

function draw(result: ProveResult, color: boolean, columns: number | undefined): string {
  const verdict = renderVerdict(result, { color });
  const stop = result.trials.length === 1 ? result.trials[0]?.stops[0] : undefined;
  if (stop === undefined) return verdict;
  const name = result.subject;
  const width = Math.min(columns ?? 100, 120);
  return `${renderTimeline([{ name, stop }], { color, width })}\n\n${verdict}`;
}
