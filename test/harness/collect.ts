import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

/** Runs the collector until it has found `wanted`, or long enough. */
export async function collect(count: () => number, wanted: number): Promise<number> {
  setFlagsFromString("--expose-gc");
  const gc = runInNewContext("gc") as () => void;
  for (let round = 0; round < 50 && count() < wanted; round++) {
    await new Promise((resolve) => setTimeout(resolve, 20));
    gc();
  }
  return count();
}
