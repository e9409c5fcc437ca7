/** What the client of a lost request saw. A kind that is its own word is shown as it is. */
const SEEN: Readonly<Record<string, string>> = {
  refused: "was refused",
  timeout: "was not connected in time",
  reset: "was reset",
  empty: "was closed without an answer",
  closed: "was closed before its request",
  truncated: "was cut inside the answer",
  malformed: "was answered with what its protocol does not allow",
  unanswered: "was never answered",
  "after-close": "was left behind an answer that said close",
  "refused-again": "was refused again when it was sent again",
  "abnormal-close": "ended without a close frame",
  "not-upgraded": "got another answer than its handshake asks for",
  "no-stream": "got an answer that is no event stream",
};

/** `was reset`, for a kind of the ledger. */
export function describeEnding(kind: string): string {
  return SEEN[kind] ?? `ended (${kind})`;
}

/** Whether a WebSocket's close code says that the service leaves. */
export function isGoodbye(code: string): boolean {
  return GOODBYES.has(code);
}

/** RFC 6455 §7.4.1 going away, and the registry's service restart. */
const GOODBYES: ReadonlySet<string> = new Set(["1001", "1012"]);
