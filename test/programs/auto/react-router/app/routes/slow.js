import { setTimeout as sleep } from "node:timers/promises";

export async function loader() {
  await sleep(400);
  return new Response("hello, at last");
}
