import net from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { type ProbeKind, type ProbeAnswer, type ProbeChange, isWell } from "../facts/probes.js";
import { now } from "../machine/now.js";
import { socketTo } from "../request/address.js";
import { encodeRequest, type RequestTemplate } from "../request/request.js";
import { defer } from "./defer.js";
import { AnswerParser } from "./http1/parse.js";
import type { LoadPlan, Target } from "./protocol.js";
import { connectTls } from "./wire/link.js";

// Often enough to tell a step from the next one, and seldom enough to be no load.
const PAUSE_MS = 50;
// Twice what Kubernetes grants by default.
const PATIENCE_MS = 2_000;
/** A time-out that came due while this process was held up is no word on the service. */
const SECOND_LOOK_MS = 50;
const GONE_MS = 1_000;
/** Some services are not ready at once. */
const UNWELL_MS = 5_000;

type Plan = Pick<LoadPlan, "readiness" | "liveness" | "tls">;

/** Asks a service for its health on connections of their own, which no ledger counts. */
export class Probes {
  readonly changes: ProbeChange[] = [];
  readonly #plan: Plan;
  readonly #watched = new Set<number>();
  #isOver = false;

  constructor(plan: Plan) {
    this.#plan = plan;
  }

  /** Asks until the service has gone. Resolves when each probe is well, or patience is at its end. */
  async watch(target: Target): Promise<void> {
    if (this.#watched.has(target.generation)) return;
    this.#watched.add(target.generation);
    await Promise.all(KINDS.map((kind) => this.#begin(kind, target)));
  }

  /** Says which probes were never well: what they say at the stop means nothing then. */
  unfounded(): string[] {
    return KINDS.flatMap((kind) => {
      const template = this.#plan[kind];
      const mine = this.changes.filter((change) => change.kind === kind);
      const last = mine.at(-1);
      if (template === null || last === undefined || mine.some(isWell)) return [];
      const asked = `\`${template.method} ${template.path}\` (--${kind})`;
      return [
        `${asked} was answered ${String(last.answer)}, expected 200 to 399 before the signal`,
      ];
    });
  }

  stop(): void {
    this.#isOver = true;
  }

  #begin(kind: ProbeKind, target: Target): Promise<void> {
    const template = this.#plan[kind];
    const { promise, resolve } = defer<void>();
    if (template === null) resolve();
    else void this.#ask({ kind, template, target, onWell: resolve });
    return Promise.race([promise, sleep(UNWELL_MS, undefined, { ref: false })]);
  }

  async #ask({ kind, template, target, onWell }: Asking): Promise<void> {
    const { generation } = target;
    let last: ProbeChange | undefined;
    while (!this.#isOver && !hasGone(last)) {
      const askedAt = now();
      const answer = await ask(template, target, this.#plan);
      if (answer !== last?.answer) {
        last = { kind, generation, askedAt, answeredAt: now(), answer };
        this.changes.push(last);
      }
      if (isWell(last)) onWell();
      await sleep(PAUSE_MS);
    }
  }
}

const KINDS = ["readiness", "liveness"] as const;

interface Asking {
  readonly kind: ProbeKind;
  readonly template: RequestTemplate;
  readonly target: Target;
  readonly onWell: () => void;
}

function hasGone(last: ProbeChange | undefined): boolean {
  return last?.answer === "refused" && now() - last.answeredAt > GONE_MS;
}

function ask(template: RequestTemplate, { address }: Target, { tls }: Plan): Promise<ProbeAnswer> {
  return new Promise((resolve) => {
    const parser = new AnswerParser(template.method);
    const { authority } = address;
    const socket =
      tls === null
        ? net.connect({ ...socketTo(address), noDelay: true })
        : connectTls(address, { protocol: "http/1.1", trust: tls });
    const end = (answer: ProbeAnswer): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve(answer);
    };
    const expire = (): void => {
      timer = setTimeout(() => end("nothing"), SECOND_LOOK_MS);
    };
    let timer = setTimeout(expire, PATIENCE_MS);
    socket.on("error", ({ code }: NodeJS.ErrnoException) =>
      end(code === "ECONNREFUSED" ? "refused" : "cut"),
    );
    socket.on("end", () => end(parser.end() === "complete" ? (parser.status ?? "cut") : "cut"));
    socket.on("data", (chunk) => {
      parser.feed(chunk);
      if (parser.isDone) end(parser.status ?? "cut");
    });
    socket.write(encodeRequest(template, { id: "probe", authority, close: true }));
  });
}
