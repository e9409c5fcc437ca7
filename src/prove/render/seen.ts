const SEEN: Readonly<Record<string, string>> = {
  "refused refused": "connection refused",
  "refused timeout": "connection not made in time",
  "refused reset": "new connection reset before the request",
  "refused closed": "new connection closed before the request",
  "dropped reset": "reset after the request was sent",
  "dropped empty": "closed without an answer",
  "dropped truncated": "answer truncated",
  "dropped malformed": "not what the protocol allows",
  "dropped 5xx": "unexpected 5xx",
  "dropped unanswered": "never answered",
  "dropped after-close": "left behind an answer that said close",
  "dropped refused-again": "refused again when sent again",
  "dropped abnormal-close": "WebSocket ended without a close frame",
  "dropped not-upgraded": "WebSocket handshake not accepted",
  "dropped no-stream": "answer is no event stream",
  "dropped unexpected-status": "another status than expected",
  "dropped unexpected-body": "another body than expected",
  "retryable refused-stream": "refused as safe to send again",
  "retryable above-goaway": "not processed, as GOAWAY says",
  "unsent closed": "its connection went before it was written",
  "unsent ended": "the run ended before it was written",
  "unsent queued": "no connection was free for it",
  "unsent prover": "the prover failed",
};

/** What the client of a request saw, in words; undefined where the kind says it. */
export function describeSeen(outcome: string, kind: string): string | undefined {
  return SEEN[`${outcome} ${kind}`];
}
