import type { DrawnRequest } from "../page/columns.js";
import { fitCanvas } from "./chart/chart.js";
import { readColors } from "./chart/colors.js";
import type { Filter } from "./chart/scene.js";
import { drawRequest } from "./chart/shapes.js";
import { byId, make } from "./elements.js";

const OUTCOMES = ["ok", "dropped", "refused", "retryable", "unsent"] as const;

const WORDS: Readonly<Record<string, string>> = {
  ok: "answered",
  dropped: "dropped",
  refused: "refused",
  retryable: "safe to send again",
  unsent: "unsent",
};

/** The check boxes for outcomes, which are the legend too, and for kinds of clients. */
export class Filters {
  readonly #outcomes = new Set<string>(OUTCOMES.filter((outcome) => outcome !== "unsent"));
  readonly #hidden = new Set<string>();
  readonly #onChange: () => void;
  #requests: readonly DrawnRequest[] = [];

  constructor(onChange: () => void) {
    this.#onChange = onChange;
  }

  get filter(): Filter {
    const shown = this.#requests.filter(({ client }) => !this.#hidden.has(client));
    return { outcomes: this.#outcomes, clients: new Set(shown.map(({ client }) => client)) };
  }

  open(requests: readonly DrawnRequest[]): void {
    this.#requests = requests;
    this.#render();
  }

  /** Takes back what hides a request. */
  reveal({ client, outcome }: DrawnRequest): void {
    this.#hidden.delete(client);
    this.#outcomes.add(outcome);
    this.#render();
    this.#onChange();
  }

  /** The legend's shapes again, in other colours. */
  recolor(): void {
    for (const canvas of document.querySelectorAll<HTMLCanvasElement>(".swatch")) paint(canvas);
  }

  #render(): void {
    const counted = countBy(this.#requests, ({ outcome }) => outcome);
    const outcomes = OUTCOMES.filter((outcome) => counted.has(outcome)).map((outcome) =>
      this.#box(outcome, WORDS[outcome] ?? outcome, counted.get(outcome) ?? 0, {
        isOn: this.#outcomes.has(outcome),
        set: (isOn) => toggle(this.#outcomes, outcome, isOn),
      }),
    );
    const kinds = countBy(this.#requests, ({ client }) => client);
    const clients = [...kinds].map(([client, count]) =>
      this.#box(null, client, count, {
        isOn: !this.#hidden.has(client),
        set: (isOn) => toggle(this.#hidden, client, !isOn),
      }),
    );
    byId("outcomes", HTMLDivElement).replaceChildren(...outcomes);
    byId("clients", HTMLDivElement).replaceChildren(...clients);
    this.recolor();
  }

  #box(
    outcome: string | null,
    word: string,
    count: number,
    state: { readonly isOn: boolean; readonly set: (isOn: boolean) => void },
  ): HTMLLabelElement {
    const label = make("label", "choice");
    const input = make("input");
    input.type = "checkbox";
    input.name = word;
    input.checked = state.isOn;
    input.addEventListener("change", () => {
      state.set(input.checked);
      this.#onChange();
    });
    label.append(input);
    if (outcome !== null) {
      const swatch = make("canvas", "swatch");
      swatch.dataset["outcome"] = outcome;
      swatch.ariaHidden = "true";
      label.append(swatch);
    }
    label.append(word, " ", make("span", "count", count.toLocaleString("en-US")));
    return label;
  }
}

function paint(canvas: HTMLCanvasElement): void {
  const pen = fitCanvas(canvas, 30, 14);
  if (pen === null) return;
  const outcome = canvas.dataset["outcome"] ?? "";
  pen.clearRect(0, 0, 30, 14);
  const x = outcome === "refused" ? 15 : 2;
  drawRequest(pen, readColors(), outcome, { x, y: 3, width: 26, height: 8 });
}

function toggle(set: Set<string>, item: string, isIn: boolean): void {
  if (isIn) set.add(item);
  else set.delete(item);
}

function countBy<T>(items: readonly T[], keyOf: (item: T) => string): Map<string, number> {
  const counts = new Map<string, number>();
  for (const item of items) counts.set(keyOf(item), (counts.get(keyOf(item)) ?? 0) + 1);
  return counts;
}
