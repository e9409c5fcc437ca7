import net from "node:net";
import { AnswerParser } from "../load/http1/parse.js";
import { connectTls } from "../load/wire/link.js";
import { now } from "../machine/now.js";
import type { Trust } from "../options/trust.js";
import type { KeepAlive } from "../facts/stop.js";
import { socketTo, type Address } from "../request/address.js";
import { encodeRequest, type RequestTemplate } from "../request/request.js";

export interface KeepAliveQuestion {
  readonly address: Address;
  readonly template: RequestTemplate;
  readonly tls: Trust | null;
  /** How long a balancer keeps an idle connection. */
  readonly limitMs: number;
  readonly answerMs: number;
}

/**
 * Asks once, and then lets the connection lie idle as long as a balancer would: null when the service is one
 * that closes after each answer. What it tells of itself (`Keep-Alive: timeout=5`) is not waited for.
 */
export function measureKeepAlive(question: KeepAliveQuestion): Promise<KeepAlive | null> {
  const { address, template, tls, limitMs, answerMs } = question;
  const { authority } = address;
  const parser = new AnswerParser(template.method);
  return new Promise((resolve) => {
    const socket =
      tls === null
        ? net.connect(socketTo(address))
        : connectTls(address, { protocol: "http/1.1", trust: tls });
    let answeredAt: number | null = null;
    const end = (seen: KeepAlive | null): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve(seen);
    };
    let timer = setTimeout(end, answerMs, null);
    socket.on("data", (chunk) => {
      parser.feed(chunk);
      if (!parser.isDone || answeredAt !== null) return;
      const told = parser.keepAliveHintMs;
      if (!parser.keepAlive) return end(null);
      if (told !== null && told <= limitMs) return end({ limitMs, toldMs: told, closedMs: null });
      answeredAt = now();
      clearTimeout(timer);
      timer = setTimeout(end, limitMs, { limitMs, toldMs: told, closedMs: null });
    });
    socket.on("error", () => {});
    for (const event of ["end", "close"]) {
      socket.on(event, () => {
        const closedMs = answeredAt === null ? null : now() - answeredAt;
        end(closedMs === null ? null : { limitMs, toldMs: parser.keepAliveHintMs, closedMs });
      });
    }
    socket.write(encodeRequest(template, { id: "idle", authority, close: false }));
  });
}
