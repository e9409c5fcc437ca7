// What every compared service serves: a quick answer, one that takes 400 ms, and an upload.
export const SLOW_MS = 400;

/** How long `lastcall prove --lag` lets the balancer go on: what a tuned service waits for. */
export const LAG_MS = 1_500;

export const port = Number(process.env.PORT);

/** @type {import("node:http").RequestListener} */
export function answer(request, response) {
  if (request.url === "/slow") setTimeout(() => response.end("slow\n"), SLOW_MS);
  else if (request.method === "POST") request.resume().on("end", () => response.end("taken\n"));
  else response.end("ok\n");
}
