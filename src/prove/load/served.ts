import { describeEnding } from "../facts/ending.js";
import { CLIENTS, type Client, type Ending } from "../facts/ledger.js";
import type { RequestTemplate } from "../request/request.js";

/** How a request ended, with the first words of its answer. `at` is `now()` milliseconds. */
export interface Given {
  readonly ending: Ending;
  readonly status: number | null;
  readonly quote: string;
  readonly at: number;
}

/** How the requests of one kind of client from one template went. Instants are `now()`. */
interface Fate {
  readonly client: Client;
  readonly template: RequestTemplate;
  ended: number;
  /** Answered with a redirect or a 4xx that was not asked for. */
  rejected: number;
  /** When the first was answered as it should be. */
  servedAt: number;
  failedAt: number;
  /** How the first failed, in words. */
  failure: string;
}

/** Each of their paths has a handshake of its own, which has to be right by itself. */
const HANDSHAKES: ReadonlySet<Client> = new Set(["websocket", "events"]);
/** They have had an answer before the signal, or are in no position. */
const ANSWERED: ReadonlySet<Client> = new Set(["idle", "h2-idle"]);
/** They take turns at the same requests, of which one may be no more than a redirect or a 4xx. */
const TURNS: ReadonlySet<Client> = new Set(["pool", "rate", "fresh", "idle"]);
/** At the signal they have sent nothing, or half a head: whatever comes back is no answer. */
const UNASKED: ReadonlySet<Client> = new Set(["silent", "half-head"]);

/**
 * Whether each kind of client was served before the stop. What was not served before it cannot be lost
 * by it, nor kept.
 */
export class Served {
  readonly #fates = new Map<Client, Map<RequestTemplate, Fate>>();

  /**
   * Takes a request's end. One that was not sent, or may be sent again, says nothing, and of an answer
   * that is not what the request expects the baseline speaks.
   */
  note(client: Client, template: RequestTemplate, given: Given): void {
    const { ending, at } = given;
    if (ending.outcome === "unsent" || ending.outcome === "retryable") return;
    if (ending.kind === "unexpected-status" || ending.kind === "unexpected-body") return;
    const fate = this.#fateOf(client, template);
    const isRejected = isRejection(template, given);
    fate.ended += 1;
    if (isRejected) fate.rejected += 1;
    if (ending.outcome === "ok" && !isRejected) fate.servedAt = Math.min(fate.servedAt, at);
    else if (at < fate.failedAt)
      Object.assign(fate, { failedAt: at, failure: describe(client, given) });
  }

  /** It is answered as it should be, and goes on. */
  begin(client: Client, template: RequestTemplate, at: number): void {
    const fate = this.#fateOf(client, template);
    fate.servedAt = Math.min(fate.servedAt, at);
  }

  /** Says which kinds of client were not served before that instant. */
  faults(before: number): string[] {
    const faults = [...this.#fates].flatMap(([client, fates]) => {
      const all = [...fates.values()];
      if (all.every((fate) => isAnswered(fate) && this.#isInTurn(fate, before))) return [];
      const units = HANDSHAKES.has(client) ? all.map((fate) => [fate]) : [all];
      return units.flatMap((unit) => judge(client, unit, before));
    });
    return joinClients(faults);
  }

  /** Says which requests were answered with nothing but redirects or 4xx, where others were served. */
  doubts(): string[] {
    const all = [...this.#fates.values()].flatMap((fates) => [...fates.values()]);
    const templates = new Set(all.map(({ template }) => template));
    return [...templates].flatMap((template) => {
      const fates = all.filter((fate) => fate.template === template && fate.ended > 0);
      const isDoubtful = fates.length > 0 && fates.every((fate) => fate.rejected === fate.ended);
      return isDoubtful
        ? [`${nameOf(template)} ${fates[0]?.failure ?? ""} each time: no more is known of it`]
        : [];
    });
  }

  /** Whether it is one of the requests that clients send in turn, of which another was served. */
  #isInTurn({ template }: Fate, before: number): boolean {
    const fates = [...TURNS].flatMap((client) => [...(this.#fates.get(client)?.values() ?? [])]);
    const isOne = fates.some((fate) => fate.template === template);
    return isOne && fates.some(({ servedAt }) => servedAt < before);
  }

  #fateOf(client: Client, template: RequestTemplate): Fate {
    const fates = this.#fates.get(client) ?? new Map<RequestTemplate, Fate>();
    this.#fates.set(client, fates);
    const [servedAt, failedAt] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
    const fresh = { client, template, ended: 0, rejected: 0, servedAt, failedAt, failure: "" };
    const fate = fates.get(template) ?? fresh;
    fates.set(template, fate);
    return fate;
  }
}

/** Whether what it got was an answer each time, right or not. */
function isAnswered({ ended, rejected }: Fate): boolean {
  return ended > 0 && rejected === ended;
}

/** What is wrong with one kind of client. */
interface Fault {
  readonly client: Client;
  readonly request: string;
  readonly what: string;
}

/** What is wrong with requests that have to be served together. */
function judge(client: Client, fates: readonly Fate[], before: number): Fault[] {
  const [any] = fates;
  const isServed = fates.some(({ servedAt }) => servedAt < before);
  if (any === undefined || isServed || UNASKED.has(client)) return [];
  const failed = fates.find(({ failedAt }) => failedAt < before);
  const isRejected = fates.every(({ ended, rejected }) => rejected === ended);
  const shown = failed ?? (isRejected ? fates.find(({ ended }) => ended > 0) : undefined);
  if (shown !== undefined) {
    const when = failed === undefined ? "each time" : "before the signal, and none was served";
    return [{ client, request: nameOf(shown.template), what: `${shown.failure} ${when}` }];
  }
  const isDue = ANSWERED.has(client) && Number.isFinite(before);
  const what = "was not answered before the signal";
  return isDue ? [{ client, request: nameOf(any.template), what }] : [];
}

/** `GET / (pool, fresh) was answered 404`: what is wrong alike is said once. */
function joinClients(faults: readonly Fault[]): string[] {
  const same = new Map<string, Fault[]>();
  for (const fault of faults) {
    const key = `${fault.request} ${fault.what}`;
    same.set(key, [...(same.get(key) ?? []), fault]);
  }
  return [...same.values()].map((all) => {
    const { request = "", what = "" } = all[0] ?? {};
    const clients = CLIENTS.filter((client) => all.some((fault) => fault.client === client));
    return `${request} (${clients.join(", ")}) ${what}`;
  });
}

function isRejection({ expect }: RequestTemplate, { ending, status }: Given): boolean {
  const isWrong = status !== null && status >= 300 && status < 500 && ending.kind !== "closed";
  return isWrong && expect === undefined;
}

function describe(client: Client, { ending, status, quote }: Given): string {
  if (ending.kind === "malformed" && client.startsWith("h2")) return "was not answered in HTTP/2";
  const words = quote === "" ? "" : ` (${JSON.stringify(quote)})`;
  const isAnswer = status !== null && status >= 200 && ending.kind !== "truncated";
  return isAnswer ? `was answered ${String(status)}${words}` : describeEnding(ending.kind);
}

function nameOf({ method, path }: RequestTemplate): string {
  return `${method} ${path}`;
}
