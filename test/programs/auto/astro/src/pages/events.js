import { setTimeout as sleep } from "node:timers/promises";

/** A tick every 100 ms, until the client leaves. */
async function* ticks(signal) {
  while (!signal.aborted) yield await sleep(100, "data: tick\n\n");
}

export function GET({ request }) {
  const body = ReadableStream.from(ticks(request.signal)).pipeThrough(new TextEncoderStream());
  return new Response(body, { headers: { "content-type": "text/event-stream" } });
}
