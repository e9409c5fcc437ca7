import { setTimeout as sleep } from "node:timers/promises";

/** A tick every 100 ms, until the client leaves. */
async function* ticks(signal) {
  while (!signal.aborted) yield await sleep(100, "data: tick\n\n");
}

export const dynamic = "force-dynamic";

export function GET({ signal }) {
  const body = ReadableStream.from(ticks(signal)).pipeThrough(new TextEncoderStream());
  return new Response(body, { headers: { "content-type": "text/event-stream" } });
}
