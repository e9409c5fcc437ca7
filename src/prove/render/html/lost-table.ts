import type { DrawnRequest } from "../page/columns.js";
import { describeInstant, describeOutcome } from "./describe.js";
import { byId, make } from "./elements.js";

const STEP = 10;

/** The lost requests as a table, in the order in which they ended; a part at a time. */
export class LostTable {
  readonly #onShow: (request: DrawnRequest) => void;
  #lost: readonly DrawnRequest[] = [];
  #origin = "";
  #limit = STEP;

  constructor(onShow: (request: DrawnRequest) => void) {
    this.#onShow = onShow;
    byId("more-lost", HTMLButtonElement).addEventListener("click", () => {
      const first = this.#limit;
      this.#limit += STEP;
      this.#render();
      const rows = byId("lost-rows", HTMLTableSectionElement).rows;
      rows[first]?.querySelector("button")?.focus();
    });
  }

  show(lost: readonly DrawnRequest[], origin: string): void {
    this.#lost = lost;
    this.#origin = origin;
    this.#limit = STEP;
    this.#render();
  }

  #render(): void {
    const shown = this.#lost.slice(0, this.#limit);
    const more = byId("more-lost", HTMLButtonElement);
    const left = this.#lost.length - shown.length;
    byId("lost-rows", HTMLTableSectionElement).replaceChildren(
      ...shown.map((request) => this.#row(request)),
    );
    byId("lost", HTMLElement).hidden = this.#lost.length === 0;
    byId("lost-count", HTMLSpanElement).textContent = this.#lost.length.toLocaleString("en-US");
    more.hidden = left === 0;
    more.textContent = `Show ${String(Math.min(STEP, left))} more of ${left.toLocaleString("en-US")}`;
  }

  #row(request: DrawnRequest): HTMLTableRowElement {
    const row = make("tr");
    const show = make("button", "jump", "Show");
    show.type = "button";
    show.ariaLabel = `Show ${request.route} in the timeline`;
    show.addEventListener("click", () => this.#onShow(request));
    const cells = [
      make("td", "", describeInstant(request.endMs, this.#origin)),
      make("td"),
      make("td", "", request.client),
      make("td", "", describeOutcome(request)),
      make("td", "action"),
    ];
    cells[1]?.append(make("code", "", request.route));
    cells[4]?.append(show);
    row.append(...cells);
    return row;
  }
}
