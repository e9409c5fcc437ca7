import type { RequestTemplate } from "../request/request.js";

/**
 * Takes from lists in turn. In a round each request comes as often as its weight says, spread over
 * the round and always in the same order (nginx's smooth weighted round robin).
 */
export class Turns {
  readonly #credits = new Map<readonly RequestTemplate[], number[]>();

  next(templates: readonly RequestTemplate[]): RequestTemplate {
    const credits = this.#credits.get(templates) ?? templates.map(() => 0);
    this.#credits.set(templates, credits);
    let round = 0;
    let best = 0;
    for (const [at, { weight = 1 }] of templates.entries()) {
      round += weight;
      const credit = (credits[at] ?? 0) + weight;
      credits[at] = credit;
      if (credit > (credits[best] ?? 0)) best = at;
    }
    const next = templates[best];
    if (next === undefined) throw new Error("a load needs at least one request");
    credits[best] = (credits[best] ?? 0) - round;
    return next;
  }
}
