// @ts-check

const order = 'POST /orders {"id":"{{id}}","product":"2","quantity":1}';

/** What the shop's clients do, and what its platform allows. The rest is `prove`'s default. */
export const load = {
  requests: ["GET /products", "GET /products/2", order],
  slow: ["GET /report", "GET /export"],
  uploads: ["POST /uploads"],
  // What `docker stop` grants.
  grace: 10_000,
  // A balancer that looks every second and believes what it sees.
  lag: 1_000,
};

/**
 * The command line that does the same as `prove(load)`.
 *
 * @param {string} file
 */
export function describeCommand(file) {
  const options = [
    ...load.requests.map((request) => `--request '${request}'`),
    ...load.slow.map((request) => `--slow '${request}'`),
    ...load.uploads.map((request) => `--upload '${request}'`),
    `--grace ${load.grace / 1_000}s`,
    `--lag ${load.lag / 1_000}s`,
  ];
  const words = ["$ lastcall prove", ...options, `-- node examples/shop/${file}`];
  return fold(words, 92).join(" \\\n    ");
}

/**
 * @param {readonly string[]} words
 * @param {number} width
 */
function fold(words, width) {
  /** @type {string[]} */
  const lines = [];
  for (const word of words) {
    const line = lines.at(-1);
    if (line !== undefined && line.length + word.length < width - 4) {
      lines[lines.length - 1] = `${line} ${word}`;
    } else lines.push(word);
  }
  return lines;
}
