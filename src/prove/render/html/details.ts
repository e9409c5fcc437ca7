import type { DrawnRequest } from "../page/columns.js";
import { describeInstant, describeOutcome, listFacts } from "./describe.js";
import { byId, make } from "./elements.js";
import { isLost } from "./overview.js";

/** The facts of the chosen request, under the drawing. */
export function showDetails(request: DrawnRequest | null, origin: string): void {
  const box = byId("details", HTMLDivElement);
  if (request === null) {
    box.replaceChildren(make("p", "hint", "Choose a request to see its facts here."));
    return;
  }
  const list = make("dl", "facts");
  for (const [what, which] of listFacts(request, origin)) {
    const pair = make("div");
    pair.append(make("dt", "", what), make("dd", "", which));
    list.append(pair);
  }
  const title = make("p", isLost(request.outcome) ? "route lost" : "route");
  title.append(make("code", "", request.route));
  box.replaceChildren(title, list);
}

/** A few facts beside the pointer. */
export function showTip(
  request: DrawnRequest | null,
  origin: string,
  { x, y }: { readonly x: number; readonly y: number },
): void {
  const tip = byId("tip", HTMLDivElement);
  tip.hidden = request === null;
  if (request === null) return;
  const { startMs, endMs } = request;
  const took = startMs === null ? "" : `, took ${String(Number((endMs - startMs).toFixed(1)))} ms`;
  tip.replaceChildren(
    make("code", "", request.route),
    make("span", isLost(request.outcome) ? "lost" : "", describeOutcome(request)),
    make("span", "", `${describeInstant(startMs ?? endMs, origin)}${took}`),
  );
  const room = tip.parentElement?.clientWidth ?? 0;
  const left = Math.max(4, Math.min(x + 14, room - tip.offsetWidth - 4));
  tip.style.left = `${String(left)}px`;
  tip.style.top = `${String(y + 18)}px`;
}
