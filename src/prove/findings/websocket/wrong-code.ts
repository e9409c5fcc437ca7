import { isGoodbye } from "../../facts/ending.js";
import type { StopFacts } from "../facts.js";
import type { Rule, Sighting } from "../rule.js";
import { afterSignal, countOf, showRequest } from "../say.js";

export const wrongCode: Rule = {
  id: "websocket/wrong-code",
  severity: "error",
  title: "WebSockets are closed with a code that does not say why",
  cause:
    "The close frames carry another code than 1001 (going away) or 1012 (service restart). Clients take 1000 for the end of the conversation and do not come back, others for an error of their own.",
  next: "Close with 1001 or 1012: `socket.close(1001)`.",
  explainedBy: [],
  find: ({ requests }: StopFacts): Sighting | undefined => {
    const wrong = requests.filter(
      ({ client, kind, status, endMs }) =>
        client === "websocket" && kind === "closed" && endMs >= 0 && !isGoodbye(String(status)),
    );
    if (wrong.length === 0) return undefined;
    const codes = [...new Set(wrong.map(({ status }) => String(status)))].join(", ");
    return {
      what: `${countOf(wrong.length, "WebSocket", ["was", "were"])} closed with ${codes}`,
      count: wrong.length,
      evidence: wrong.map((row) =>
        showRequest(
          row,
          `was closed with ${String(row.status)} ${afterSignal(row.endMs)}`,
          row.endMs,
        ),
      ),
    };
  },
};
