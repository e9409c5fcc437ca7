const ATTEMPTS = 3;

/** Runs something that proves; again when it had no verdict because the machine stalled. */
export async function unlessStalled<T>(
  run: () => Promise<T>,
  hasStalled: (result: T) => boolean,
): Promise<T> {
  let result = await run();
  for (let attempt = 1; attempt < ATTEMPTS && hasStalled(result); attempt += 1) {
    result = await run();
  }
  return result;
}
