import { renderVerdict, type ProveResult } from "../../../prove/index.js";
import { renderRolloutTimeline } from "../../../prove/render/text/gaps.js";
import { renderTimeline } from "../../../prove/render/text/timeline.js";
import { chooseStops } from "../../../prove/render/text/trials.js";
import { hasColor, type Io } from "../../io.js";
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

// A drawing that is wider shows no more.
const WIDEST = 120;

/** Lines are broken for a screen, whose width is known, and left alone in a file. */
function draw(result: ProveResult, color: boolean, columns: number | undefined): string {
  const verdict = renderVerdict(
    result,
    columns === undefined ? { color } : { color, width: columns },
  );
  const look = { color, width: Math.min(columns ?? 100, WIDEST) };
  const rows = chooseStops(result);
  const rollouts = result.trials.flatMap(({ rollout }) => rollout ?? []);
  const drawings = [
    ...(rows.length === 0 ? [] : [renderTimeline(rows, look)]),
    ...rollouts.slice(0, 3).map((rollout) => renderRolloutTimeline(rollout, look)),
  ];
  return [...drawings, verdict].join("\n\n");
}
