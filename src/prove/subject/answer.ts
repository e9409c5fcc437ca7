import net from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { formatDuration } from "../facts/duration.js";
import { CannotRunError } from "../facts/errors.js";
import { H2Session } from "../load/http2/session.js";
import { AnswerParser } from "../load/http1/parse.js";
import { Recorder } from "../load/recorder.js";
import { DelayLine } from "../load/wire/delay.js";
import { connectTls } from "../load/wire/link.js";
import { now } from "../machine/now.js";
import type { Trust } from "../options/trust.js";
import { placeOf, socketTo, type Address } from "../request/address.js";
import { isFine } from "../request/expectation.js";
import { encodeRequest, type RequestTemplate } from "../request/request.js";

const FIRST_PAUSE_MS = 5;
const LONGEST_PAUSE_MS = 100;
// As long as anything on this machine needs, and no longer: a full queue never answers.
const CONNECT_MS = 2_000;

/** Whether something accepts connections there. */
export function isListening(address: Address): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = net.connect(socketTo(address));
    const end = (isTaken: boolean): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve(isTaken);
    };
    const timer = setTimeout(end, CONNECT_MS, false);
    socket.once("connect", () => end(true)).once("error", () => end(false));
  });
}

export interface Question {
  readonly address: Address;
  readonly requests: readonly RequestTemplate[];
  /** Asked when there are no others. */
  readonly h2: readonly RequestTemplate[];
  readonly tls: Trust | null;
  readonly timeoutMs: number;
  /** Whether the answer is still waited for. */
  readonly isWanted: () => boolean;
}

/**
 * Asks until the service answers without a 5xx, which says that it is ready. Throws
 * PROVE_NEVER_ANSWERED at the time-out, with the last thing it did. Never resolves once it is not waited for
 * for the answer any more.
 */
export async function untilAnswered(question: Question): Promise<void> {
  const { address, requests, h2, timeoutMs, isWanted } = question;
  const isH2 = requests.length === 0;
  // Only a GET: a question must not place an order.
  const template = (isH2 ? h2 : requests).find(({ method }) => method === "GET") ?? {
    method: "GET",
    path: "/",
    body: "",
  };
  const ask = isH2 ? askH2 : askOnce;
  const deadline = now() + timeoutMs;
  let last: string | undefined;
  let pause = FIRST_PAUSE_MS;
  while (now() < deadline && isWanted()) {
    const answer = await ask(question, template, deadline - now());
    if (answer.isReady) return;
    if (answer.code !== undefined) refuseHopeless(answer.code, address);
    // The last question is cut short by the deadline, and says less than the one before.
    if (answer.isCut !== true || last === undefined) last = answer.what ?? last;
    await sleep(pause);
    pause = Math.min(pause * 2, LONGEST_PAUSE_MS);
  }
  if (!isWanted()) return new Promise(() => {});
  const text = `${place(address)} within ${formatDuration(timeoutMs)}: ${last ?? "it accepted, and said nothing"}`;
  throw new CannotRunError("PROVE_NEVER_ANSWERED", text);
}

function place(address: Address): string {
  const { host, port } = address;
  if (host === "127.0.0.1") return `the service did not answer on port ${String(port)}`;
  return `${placeOf(address)} did not answer`;
}

/** Throws when asking again would not help. */
function refuseHopeless(code: string, { host, authority }: Address): void {
  if (code === "ENOTFOUND") {
    throw new CannotRunError("PROVE_NEVER_ANSWERED", `there is no host named ${host}`);
  }
  if (!/CERT|SELF_SIGNED|VERIFY|ISSUER/.test(code)) return;
  const next = "name its authority with --ca, or do not check it with --insecure";
  const text = `the certificate of ${authority} is not trusted (${code}): ${next}`;
  throw new CannotRunError("PROVE_UNTRUSTED", text);
}

interface FirstAnswer {
  readonly isReady: boolean;
  /** Undefined when it said nothing in time. */
  readonly what: string | undefined;
  /** Whether it was left before there was an answer. */
  readonly isCut?: boolean;
  /** The error's, when the connection failed. */
  readonly code?: string;
}

type Asked = Pick<Question, "address" | "tls">;

function askOnce(
  { address, tls }: Asked,
  template: RequestTemplate,
  waitMs: number,
): Promise<FirstAnswer> {
  return new Promise((resolve) => {
    const parser = new AnswerParser(template.method);
    const { authority } = address;
    const socket =
      tls === null
        ? net.connect(socketTo(address))
        : connectTls(address, { protocol: "http/1.1", trust: tls });
    const end = (isReady: boolean, what?: string, code?: string): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve({ isReady, what, ...(code === undefined ? {} : { code }) });
    };
    let isConnected = false;
    socket.on("connect", () => {
      isConnected = true;
    });
    const timer = setTimeout(() => {
      socket.destroy();
      const what = isConnected ? "it accepted, and said nothing" : "it accepted no connection";
      resolve({ isReady: false, what, isCut: true });
    }, waitMs);
    socket.on("error", (error: NodeJS.ErrnoException) =>
      end(false, describeError(error), error.code),
    );
    socket.on("end", () => end(parser.end() === "complete", "it closed without a whole answer"));
    socket.on("data", (chunk) => {
      parser.feed(chunk);
      const { status } = parser;
      if (parser.state === "malformed") end(false, "what it said is not HTTP/1.1");
      else if (parser.isDone) {
        const isReady = (status ?? 0) < 500 || isFine(template.expect, status ?? 0);
        end(isReady, `it answered ${String(status)}`);
      }
    });
    socket.write(encodeRequest(template, { id: "ready", authority, close: true }));
  });
}

/** OpenSSL's own words name its source files. */
function describeError({ code = "", message }: NodeJS.ErrnoException): string {
  const isTls = code === "EPROTO" || code.startsWith("ERR_SSL");
  return isTls ? `what it said is not TLS, or not TLS we can speak (${code})` : message;
}

async function askH2(
  { address, tls }: Asked,
  template: RequestTemplate,
  waitMs: number,
): Promise<FirstAnswer> {
  let failure: string | undefined;
  const recorder = new Recorder("ready", (what) => {
    failure = what;
  });
  const entry = recorder.openConnection("h2", 0);
  const session = new H2Session(
    {
      recorder,
      line: new DelayLine(0),
      target: { generation: 0, address },
      entry,
      tls: tls === null ? null : { protocol: "h2", trust: tls },
      connectTimeoutMs: waitMs,
    },
    () => {},
  );
  const timer = setTimeout(() => session.leave(), waitMs);
  await session.send(session.plan(template));
  clearTimeout(timer);
  const { connectedAt } = entry;
  session.leave();
  const [answer] = recorder.entries;
  const isReady = answer?.outcome === "ok";
  if (answer?.kind === "unanswered" || answer?.kind === "ended") {
    const what = connectedAt === null ? "it accepted no connection" : undefined;
    return { isReady, what, isCut: true };
  }
  if (isReady) return { isReady, what: undefined };
  // As the channel says it: `connection 1: CERT_HAS_EXPIRED`.
  const code = failure?.split(": ").at(-1);
  const what = failure ?? describeH2(answer?.kind, answer?.status ?? null);
  return { isReady, what, ...(code === undefined ? {} : { code }) };
}

function describeH2(kind: string | undefined, status: number | null): string {
  if (status !== null) return `it answered ${String(status)}`;
  if (kind === "refused") return "connection refused";
  return kind === "malformed" ? "what it said is not HTTP/2" : "it closed the HTTP/2 session";
}
