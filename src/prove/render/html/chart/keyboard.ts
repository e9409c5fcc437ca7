import type { Chart, Chosen } from "./chart.js";
import { nearestIn, type Lane } from "./scene.js";

/** What can be done without a pointer. `stepLost` goes to the next or the previous lost request. */
export function watchKeys(chart: Chart, stepLost: (by: 1 | -1) => void): void {
  const commands: Readonly<Record<string, () => void>> = {
    ArrowRight: () => stepInLane(chart, 1),
    ArrowLeft: () => stepInLane(chart, -1),
    ArrowDown: () => stepLane(chart, 1),
    ArrowUp: () => stepLane(chart, -1),
    "Shift+ArrowRight": () => chart.pan(0.25),
    "Shift+ArrowLeft": () => chart.pan(-0.25),
    "+": () => chart.zoom(1.6),
    "=": () => chart.zoom(1.6),
    "-": () => chart.zoom(1 / 1.6),
    "0": () => chart.show(chart.whole),
    n: () => stepLost(1),
    p: () => stepLost(-1),
    Escape: () => chart.choose(null),
  };
  chart.box.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const isPan = event.shiftKey && event.key.startsWith("Arrow");
    const command = commands[isPan ? `Shift+${event.key}` : event.key];
    if (command === undefined) return;
    event.preventDefault();
    command();
  });
}

function stepInLane(chart: Chart, by: 1 | -1): void {
  const { chosen } = chart;
  if (chosen === null) return enter(chart);
  const { lane, placed } = chosen;
  const next = lane.shown[lane.shown.indexOf(placed) + by];
  if (next !== undefined) chart.choose({ lane, placed: next });
}

function stepLane(chart: Chart, by: 1 | -1): void {
  const { chosen, scene } = chart;
  if (chosen === null) return enter(chart);
  const at = scene.lanes.indexOf(chosen.lane);
  const ahead = by === 1 ? scene.lanes.slice(at + 1) : scene.lanes.slice(0, at).reverse();
  const next = firstOf(ahead, chosen.placed.fromMs);
  if (next !== undefined) chart.choose(next);
}

/** Begins with what is nearest to the signal or, out of its sight, to the middle. */
function enter(chart: Chart): void {
  const { fromMs, toMs } = chart.span;
  const at = fromMs <= 0 && toMs >= 0 ? 0 : (fromMs + toMs) / 2;
  const first = firstOf(chart.scene.lanes, at);
  if (first !== undefined) chart.choose(first);
}

function firstOf(lanes: readonly Lane[], ms: number): Chosen | undefined {
  for (const lane of lanes) {
    const placed = nearestIn(lane, ms);
    if (placed !== undefined) return { lane, placed };
  }
  return undefined;
}
