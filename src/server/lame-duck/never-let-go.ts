import type { NeverLetGo } from "./lame-duck.js";

/** What to set there, by what is known of it. */
export function explainNeverLetGo(
  { address, count, prober }: NeverLetGo,
  lastedMs: number,
): string {
  const what = `From ${address} came ${count} connections and more in the last second of the lame duck, which lasted ${(lastedMs / 1_000).toFixed(1)} s`;
  if (prober === undefined) {
    return `${what}; nothing asks for readiness from there. If it is a balancer, give it a health check of the readiness probe, or take the instance out before the signal; clients that come by themselves are refused from here on`;
  }
  const { periodMs, unready } = prober;
  const pace = periodMs === null ? "" : `, every ${periodMs} ms`;
  return `${what}, though it was answered 503 to ${unready} of its probes${pace}. Lower its threshold or its interval, or raise \`lameDuck.max\` above their product`;
}
