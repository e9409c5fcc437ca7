/**
 * The least of several measurements: a machine that does other things for a moment delays one of
 * them, a drain that polls or waits delays them all.
 */
export async function leastOf(count: number, measure: () => Promise<number>): Promise<number> {
  const found: number[] = [];
  for (let left = count; left > 0; left--) found.push(await measure());
  return Math.min(...found);
}

/** Measures until the bound is kept, three times at most: the same, where one measurement is long. */
export async function keepBound(bound: number, measure: () => Promise<number>): Promise<number> {
  const found: number[] = [];
  while (found.length < 3 && !found.some((each) => each <= bound)) found.push(await measure());
  return Math.min(...found);
}
