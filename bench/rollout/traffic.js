// Requests at a fixed rate, whatever becomes of them; each is answered in full with 200, or lost.
import http from "node:http";
import { setTimeout as pause } from "node:timers/promises";

/** Begins at once; `end()` resolves to every request's instant, in ms from now, and whether it was lost and how. */
export function sendRequests(port, rate) {
  const agent = new http.Agent({ keepAlive: true, maxSockets: 200 });
  const begin = performance.now();
  const sent = [];
  let isOn = true;
  const ask = (atMs) =>
    new Promise((resolve) => {
      const request = http.get({ host: "127.0.0.1", port, agent, path: "/" }, (response) => {
        response.resume();
        response.on("error", () => {});
        response.on("close", () => {
          const lost = response.statusCode === 200 ? undefined : String(response.statusCode);
          resolve({ atMs, lost: response.complete ? lost : "torn" });
        });
      });
      request.on("error", (error) => resolve({ atMs, lost: error.code ?? error.message }));
    });
  const sending = (async () => {
    // oxlint-disable-next-line no-unmodified-loop-condition -- `end` modifies it
    for (let number = 0; isOn; number += 1) {
      const due = (number * 1_000) / rate;
      const early = due - (performance.now() - begin);
      if (early > 1) await pause(early);
      sent.push(ask(due));
    }
  })();
  return {
    now: () => performance.now() - begin,
    async end() {
      isOn = false;
      await sending;
      const answers = await Promise.all(sent);
      agent.destroy();
      return answers;
    },
  };
}
