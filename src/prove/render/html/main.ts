// html/: the script and the style of the page, for browsers; esbuild puts them together.
import { fromColumns, type DrawnRequest } from "../page/columns.js";
import type { PageData, PageView } from "../page/data.js";
import { packLanes, type LaneGroup } from "../page/lanes.js";
import { firstSpan, formatTick, type Span } from "../page/viewport.js";
import { Chart } from "./chart/chart.js";
import { watchKeys } from "./chart/keyboard.js";
import { watchPointer } from "./chart/pointer.js";
import { isShown, layOut } from "./chart/scene.js";
import { showDetails, showTip } from "./details.js";
import { byId, make } from "./elements.js";
import { Filters } from "./filters.js";
import { LostTable } from "./lost-table.js";
import { isLost, Overview } from "./overview.js";

/** Brings the page to life: without this script it can be read, but its requests are not drawn. */
class Page {
  readonly #views: readonly PageView[];
  readonly #chart: Chart;
  readonly #overview: Overview;
  readonly #filters: Filters;
  readonly #table: LostTable;
  #requests: readonly DrawnRequest[] = [];
  #groups: readonly LaneGroup[] = [];
  #lost: readonly DrawnRequest[] = [];
  #at = -1;

  constructor({ views }: PageData) {
    this.#views = views;
    this.#chart = new Chart(byId("chart", HTMLDivElement), () => this.#onChange());
    this.#overview = new Overview(byId("overview", HTMLCanvasElement), (ms) => this.#center(ms));
    this.#filters = new Filters(() => this.#arrange());
    this.#table = new LostTable((request) => this.#jump(request));
    watchPointer(this.#chart, (chosen, x, y) =>
      showTip(chosen?.placed.request ?? null, this.#origin, { x, y }),
    );
    watchKeys(this.#chart, (by) => this.#stepLost(by));
    this.#wireButtons();
    this.#wireViews();
    this.#wireEvidence();
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.#recolor());
  }

  /** What the instants count from. */
  get #origin(): string {
    return this.#views[this.#at]?.origin ?? "";
  }

  /** Shows one of the views. */
  open(at: number): void {
    const view = this.#views[at];
    if (view === undefined || at === this.#at) return;
    this.#at = at;
    this.#requests = fromColumns(view.requests);
    this.#groups = packLanes(this.#requests);
    const whole = measure(view, this.#requests);
    const ends = this.#requests.map(({ endMs }) => endMs);
    this.#chart.open(view, whole, firstSpan(ends, whole));
    this.#overview.open(this.#requests, whole);
    this.#filters.open(this.#requests);
    this.#arrange();
    byId("view", HTMLSelectElement).value = String(at);
    const origin = view.marks.find(({ letter }) => letter === "S")?.label ?? "";
    byId("show-signal", HTMLButtonElement).textContent = `The ${origin}`;
    tellLeftOut(view.leftOut);
    for (const list of document.querySelectorAll<HTMLElement>("[data-view]")) {
      list.hidden = list.dataset["view"] !== String(at);
    }
  }

  #arrange(): void {
    const { filter } = this.#filters;
    this.#chart.arrange(layOut(this.#groups, filter));
    this.#lost = this.#requests
      .filter((request) => isLost(request.outcome) && isShown(request, filter))
      .sort((a, b) => a.endMs - b.endMs);
    this.#table.show(this.#lost, this.#origin);
    byId("next-lost", HTMLButtonElement).disabled = this.#lost.length === 0;
  }

  #onChange(): void {
    const { span } = this.#chart;
    this.#overview.show(span);
    byId("span", HTMLOutputElement).value = describeSpan(span);
    showDetails(this.#chart.chosen?.placed.request ?? null, this.#origin);
  }

  #recolor(): void {
    this.#chart.recolor();
    this.#overview.draw();
    this.#filters.recolor();
  }

  #center(ms: number): void {
    const { fromMs, toMs } = this.#chart.span;
    this.#chart.pan((ms - (fromMs + toMs) / 2) / (toMs - fromMs));
  }

  /** Chooses a request, whatever hides it, and magnifies until it can be seen. */
  #jump(request: DrawnRequest): void {
    this.#filters.reveal(request);
    const chosen = this.#chart.locate(request);
    if (chosen === null) return;
    const { fromMs, toMs } = chosen.placed;
    const room = Math.max(60, (toMs - fromMs) * 0.5);
    this.#chart.show({ fromMs: fromMs - room, toMs: toMs + room });
    this.#chart.choose(chosen);
    byId("timeline", HTMLElement).scrollIntoView({ block: "start" });
    this.#chart.box.focus({ preventScroll: true });
  }

  #stepLost(by: 1 | -1): void {
    const chosen = this.#chart.chosen?.placed.request;
    const at = chosen === undefined ? -1 : this.#lost.indexOf(chosen);
    const count = this.#lost.length;
    if (count === 0) return;
    const next = at === -1 ? (by === 1 ? 0 : count - 1) : (at + by + count) % count;
    const request = this.#lost[next];
    this.#chart.choose(request === undefined ? null : this.#chart.locate(request));
  }

  #wireButtons(): void {
    const chart = this.#chart;
    const actions: Readonly<Record<string, () => void>> = {
      "zoom-in": () => chart.zoom(1.6),
      "zoom-out": () => chart.zoom(1 / 1.6),
      earlier: () => chart.pan(-0.25),
      later: () => chart.pan(0.25),
      "show-all": () => chart.show(chart.whole),
      "show-signal": () => chart.show(aroundSignal(chart.whole)),
      "next-lost": () => this.#stepLost(1),
    };
    for (const [id, act] of Object.entries(actions)) {
      byId(id, HTMLButtonElement).addEventListener("click", act);
    }
  }

  #wireViews(): void {
    const select = byId("view", HTMLSelectElement);
    for (const [at, { name }] of this.#views.entries()) {
      const option = make("option", "", name);
      option.value = String(at);
      select.append(option);
    }
    byId("view-choice", HTMLLabelElement).hidden = this.#views.length < 2;
    select.addEventListener("change", () => this.open(Number(select.value)));
  }

  /** Evidence that names a request leads to it, where the page has it. */
  #wireEvidence(): void {
    for (const button of document.querySelectorAll<HTMLButtonElement>("button[data-request]")) {
      const id = button.dataset["request"] ?? "";
      const at = this.#views.findIndex(({ requests }) => requests.texts.includes(id));
      button.hidden = at === -1;
      button.addEventListener("click", () => {
        this.open(at);
        const request = this.#requests.find((one) => one.id === id);
        if (request !== undefined) this.#jump(request);
      });
    }
  }
}

function describeSpan({ fromMs, toMs }: Span): string {
  const step = toMs - fromMs > 1_000 ? 10 : 0.1;
  const round = (ms: number): string => formatTick(Math.round(ms / step) * step);
  return `${round(fromMs)} to ${round(toMs)}`;
}

function tellLeftOut(count: number): void {
  const note = byId("left-out", HTMLParagraphElement);
  note.hidden = count === 0;
  const requests = `${count.toLocaleString("en-US")} answered requests of this trial`;
  note.textContent = `${requests} are not in this page: it would be too large. --ledger writes all.`;
}

/** From some time before the signal to the end of what there is to see. */
function measure({ marks }: PageView, requests: readonly DrawnRequest[]): Span {
  let fromMs = 0;
  let toMs = 0;
  for (const { ms } of marks) toMs = Math.max(toMs, ms);
  for (const { startMs, endMs } of requests) {
    fromMs = Math.min(fromMs, startMs ?? endMs);
    toMs = Math.max(toMs, endMs);
  }
  const room = Math.max(20, (toMs - fromMs) * 0.02);
  return { fromMs: fromMs - room, toMs: toMs + room };
}

function aroundSignal(whole: Span): Span {
  return { fromMs: Math.max(whole.fromMs, -100), toMs: Math.min(whole.toMs, 300) };
}

const data = JSON.parse(byId("data", HTMLScriptElement).textContent ?? "") as PageData;
byId("timeline", HTMLElement).hidden = false;
byId("no-script", HTMLParagraphElement).hidden = true;
new Page(data).open(0);
