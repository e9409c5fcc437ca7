import type { Ending } from "../facts/ledger.js";

/** What a request's answer has to be. Without one any status below 500 is fine. */
export interface Expectation {
  /** Fine statuses, from and to. Default: those below 500. */
  readonly statuses?: readonly (readonly [number, number])[] | undefined;
  readonly body?: BodyCheck | undefined;
}

/** What the body has to contain. */
export interface BodyCheck {
  /** As it was written. */
  readonly text: string;
  readonly pattern: RegExp;
}

/** What came back. */
export interface Answer {
  readonly status: number;
  readonly body: string;
}

const ANY_BELOW_500 = [[100, 499]] as const;

/** Reads `201`, `2xx`, `200,404`. Returns undefined when the text is not that. */
export function parseStatuses(text: string): Expectation["statuses"] {
  const parts = text.split(",").map((part) => part.trim());
  if (!parts.every((part) => /^[1-5](?:\d\d|xx)$/iu.test(part))) return undefined;
  return parts.map((part) => [
    Number(part.replaceAll(/x/giu, "0")),
    Number(part.replaceAll(/x/giu, "9")),
  ]);
}

/** Reads `"text"`, `/pattern/flags`, or bare text. Returns undefined for what is none of them. */
export function parseBodyCheck(text: string): BodyCheck | undefined {
  try {
    const pattern = /^\/(.+)\/([imsu]*)$/su.exec(text);
    if (pattern !== null) return { text, pattern: new RegExp(pattern[1] ?? "", pattern[2]) };
    const wanted = text.startsWith('"') ? String(JSON.parse(text)) : text;
    if (wanted === "") return undefined;
    return { text, pattern: new RegExp(wanted.replaceAll(/[\\^$.*+?()[\]{}|]/gu, "\\$&"), "u") };
  } catch {
    return undefined;
  }
}

/** What is wrong with an answer, if anything. A 5xx has its own name unless it was asked for. */
export function judgeAnswer(
  expect: Expectation | undefined,
  { status, body }: Answer,
): Ending | undefined {
  if (!isFine(expect, status)) {
    return { outcome: "dropped", kind: status >= 500 ? "5xx" : "unexpected-status" };
  }
  if (expect?.body?.pattern.test(body) === false) {
    return { outcome: "dropped", kind: "unexpected-body" };
  }
  return undefined;
}

/** Whether a status is a right one. */
export function isFine(expect: Expectation | undefined, status: number): boolean {
  return (expect?.statuses ?? ANY_BELOW_500).some(([from, to]) => status >= from && status <= to);
}

/** `201`, `2xx or 404`, `an answer below 500`, with what its body has to contain. */
export function describeExpectation({ statuses, body }: Expectation): string {
  const ranges = statuses?.map(([from, to]) =>
    from === to ? String(from) : `${String(from)[0] ?? ""}xx`,
  );
  const status = ranges?.join(" or ") ?? "an answer below 500";
  return body === undefined ? status : `${status} with ${body.text} in its body`;
}
