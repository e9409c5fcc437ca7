import type { Criterion } from "../../facts/result.js";
import { nameCriterion } from "../words.js";
import type { Paint } from "../../../findings/paint.js";
import { wrap } from "../../../findings/wrap.js";

// In fewer columns a measured value beside its criterion would be a column of single words.
const LEAST_BESIDE = 24;

/** Criterion and measured value side by side, or where that is too wide one under the other. */
export function renderCriteria(
  criteria: readonly Criterion[],
  paint: Paint,
  width: number | undefined,
): string {
  const names = Math.max(...criteria.map((criterion) => nameCriterion(criterion).length));
  const room = width === undefined ? undefined : width - names - 5;
  const lines = criteria.map((criterion) => {
    const { passed, measured } = criterion;
    const say = passed === false ? paint.bad : (text: string): string => text;
    const name = nameCriterion(criterion);
    const mark = drawMark(passed, paint);
    if (room !== undefined && room < LEAST_BESIDE) {
      const below = say(wrap(`    ${measured}`, width, 4));
      return `${mark} ${wrap(name, width, 2)}\n${below}`;
    }
    const hang = " ".repeat(names + 5);
    return `${mark} ${name.padEnd(names)}   ${say(wrap(measured, room, 0).replaceAll("\n", `\n${hang}`))}`;
  });
  return lines.join("\n");
}

function drawMark(passed: boolean | null, paint: Paint): string {
  if (passed === null) return "·";
  return passed ? paint.good("✓") : paint.bad("✗");
}
