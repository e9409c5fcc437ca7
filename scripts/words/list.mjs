// @ts-check
// Words that are not used here, why, and what to write in their place.

/**
 * @typedef {object} Word
 * @property {RegExp} pattern
 * @property {string} reason
 * @property {string} instead
 * @property {boolean} [isOfHeadings] looked for in headings alone
 */

/** @type {readonly Word[]} */
export const WORDS = [
  {
    pattern: /\b(?:nobody|somebody|anybody|everybody|whoever|whom)\b/i,
    reason: "sockets, timers, programs and code are no people",
    instead:
      "what is meant: `no client`, `another program`, `nothing`; of people: `no one`, `someone`",
  },
  {
    // Of people it is right: someone who deploys, readers who know.
    pattern:
      /(?<!\b(?:anyone|everyone|someone|no one|one|person|people|those|users?|readers?|developers?|operators?|authors?),? )\bwho\b/i,
    reason: "sockets, timers, programs and code are no people",
    instead: "`that`, `which`, `what`; of people: `someone who`, `readers who`",
  },
  {
    pattern: /\bheld by\b/i,
    reason: "it does not say what is held",
    instead: "`kept open by`, `kept alive by`",
  },
  {
    pattern: /\ball the same(?=\s*(?:[^\s\w]|$))/i,
    reason: "it reads as `equal`",
    instead: "`anyway`, `even so`",
  },
  {
    pattern: /\b(?:the truth\b[.,;:]|tells? the truth\b)/i,
    reason: "it does not say what is promised",
    instead: "what is promised",
  },
  {
    pattern: /\b(?:lest|whence|whither|thereof|therein|forthwith|albeit)\b/i,
    reason: "it slows readers down",
    instead: "a plain word",
  },
  {
    pattern:
      /^(?:When|Where|How|Why|What|Then|Next|Others?|How sure)$|^(?:Its?|Their|They|This|That|These|Those)\b/,
    reason: "a heading says what stands under it",
    instead: "a heading that names the thing",
    isOfHeadings: true,
  },
];
