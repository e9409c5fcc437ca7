import type { Client, ConnectionEnd, ConnectionEntry, Ending, Entry } from "../facts/ledger.js";
import { now } from "../machine/now.js";
import { fillPath, type RequestTemplate } from "../request/request.js";
import { Baseline } from "./baseline.js";
import { Served } from "./served.js";

/** A request that has been planned and has not ended. */
export interface PlannedRequest {
  readonly id: string;
  readonly template: RequestTemplate;
  readonly isSent: boolean;
  /** Its first byte was handed to the connection. */
  sent(): void;
  /** It is answered as it should be, and goes on. */
  served(): void;
  /** Ends it. The second end of one request is the prover's own fault, and is recorded as one. */
  end(ending: Ending, details?: EndDetails): void;
}

/** Which arrival of the open loop a request is. */
export interface Due {
  readonly number: number;
  readonly dueAt: number;
}

interface EndDetails {
  readonly status?: number | null;
  readonly firstByteAt?: number | null;
  readonly lastByteAt?: number | null;
  readonly saysClose?: boolean;
  readonly instance?: string | undefined;
  /** The first words of an answer. */
  readonly quote?: string;
}

/** A connection that has not ended. */
export interface OpenConnection {
  readonly number: number;
  readonly client: Client;
  readonly generation: number;
  readonly askedAt: number;
  connectedAt: number | null;
  saidCloseAt: number | null;
  planned: number;
}

/** Whole answers that are wrong. */
const MISSES: ReadonlySet<string> = new Set(["5xx", "unexpected-status", "unexpected-body"]);

/** The load's ledger while it is written. */
export class Recorder {
  readonly entries: Entry[] = [];
  readonly connections: ConnectionEntry[] = [];
  /** Told the prover's own failures, which are never the service's fault. */
  readonly onFault: (what: string) => void;
  /** Requests whose client saw a failure. */
  lostCount = 0;
  readonly baseline: Baseline = new Baseline();
  readonly served: Served = new Served();
  readonly #idPrefix: string;
  #ids = 0;
  #connections = 0;
  #open = new Set<OpenConnection>();

  /** The field of an answer that says what answered, in lower case; null for none. */
  readonly instanceField: string | null;

  constructor(
    idPrefix: string,
    onFault: (what: string) => void,
    instanceField: string | null = null,
  ) {
    this.#idPrefix = idPrefix;
    this.onFault = onFault;
    this.instanceField = instanceField;
  }

  get plannedCount(): number {
    return this.#ids;
  }

  openConnection(client: Client, generation: number): OpenConnection {
    this.#connections += 1;
    const connection: OpenConnection = {
      number: this.#connections,
      client,
      generation,
      askedAt: now(),
      connectedAt: null,
      saidCloseAt: null,
      planned: 0,
    };
    this.#open.add(connection);
    return connection;
  }

  closeConnection(connection: OpenConnection, end: ConnectionEnd, endedAt: number): void {
    if (!this.#open.delete(connection)) return;
    // The same object, as a request may still be planned for a connection that has just gone.
    this.connections.push(Object.assign(connection, { endedAt, end }));
  }

  plan(connection: OpenConnection, template: RequestTemplate, due?: Due): PlannedRequest {
    this.#ids += 1;
    connection.planned += 1;
    // An arrival is named by its place in the schedule, so that a seed repeats its id.
    const name = due === undefined ? String(this.#ids) : `r${String(due.number)}`;
    const id = `${this.#idPrefix}-${name}`;
    let sentAt: number | null = null;
    let isEnded = false;
    return {
      id,
      template,
      get isSent() {
        return sentAt !== null;
      },
      sent: () => {
        sentAt ??= now();
      },
      served: () => this.served.begin(connection.client, template, now()),
      end: (ending, details = {}) => {
        if (isEnded) this.onFault(`request ${id} ended twice`);
        else
          this.entries.push(
            this.#write(connection, template, { id, due, sentAt, ending, details }),
          );
        isEnded = true;
      },
    };
  }

  /** A request that the ledger does not count, because its client does not want the answer. */
  unlisted(template: RequestTemplate): PlannedRequest {
    let isSent = false;
    const sent = (): void => {
      isSent = true;
    };
    return {
      id: `${this.#idPrefix}-unlisted`,
      template,
      get isSent() {
        return isSent;
      },
      sent,
      served: () => {},
      end: () => {},
    };
  }

  #write(connection: OpenConnection, template: RequestTemplate, request: EndedRequest): Entry {
    const { outcome, kind } = request.ending;
    const {
      status = null,
      firstByteAt = null,
      lastByteAt = null,
      saysClose = false,
    } = request.details;
    if (outcome === "dropped" || outcome === "refused") this.lostCount += 1;
    const at = lastByteAt ?? now();
    if (outcome === "ok" || MISSES.has(kind)) {
      this.baseline.note(template, outcome === "ok", { status, at });
    }
    const { quote = "", instance } = request.details;
    this.served.note(connection.client, template, { ending: request.ending, status, quote, at });
    return {
      id: request.id,
      client: connection.client,
      method: template.method,
      path: fillPath(template, request.id),
      connection: connection.number,
      generation: connection.generation,
      ...(request.due === undefined ? {} : { dueAt: request.due.dueAt }),
      sentAt: request.sentAt,
      endedAt: now(),
      firstByteAt,
      lastByteAt,
      outcome,
      kind,
      status,
      saysClose,
      ...(instance === undefined ? {} : { instance }),
    };
  }
}

interface EndedRequest {
  readonly id: string;
  readonly due: Due | undefined;
  readonly sentAt: number | null;
  readonly ending: Ending;
  readonly details: EndDetails;
}
