/** What was typed cannot be understood. The message is one sentence: what, expected, got. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** What was asked for was done, and could not be written down. The message names the options, their files and why. */
export class UnwrittenError extends Error {
  override readonly name = "UnwrittenError";
}

/** 0 clean · 1 found something · 2 bad usage · 3 could not run. */
export const EXIT: { readonly clean: 0; readonly found: 1; readonly usage: 2; readonly cannot: 3 } =
  {
    clean: 0,
    found: 1,
    usage: 2,
    cannot: 3,
  };
