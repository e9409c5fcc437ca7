// What scripts/managers.mjs has to see.

/** @type {Readonly<Record<string, string>>} the file that each is started with */
export const MANAGERS = {
  "npm-9.6.6": "bin/npm-cli.js",
  "npm-9.9.4": "bin/npm-cli.js",
  "npm-10.2.5": "bin/npm-cli.js",
  "npm-10.9.9": "bin/npm-cli.js",
  "npm-11.21.2": "bin/npm-cli.js",
  "pnpm-10": "bin/pnpm.cjs",
  "pnpm-12": "bin/pnpm.mjs",
  "yarn-1": "bin/yarn.js",
  "yarn-4": "bin/yarn.js",
};

/** @type {Readonly<Record<string, string>>} where they are */
export const SHELLS = { dash: "/usr/bin/dash", bash: "/usr/bin/bash", busybox: "/usr/bin/busybox" };

const WAITS = /** @type {const} */ (["waits", "waits"]);
const ALONE = /** @type {const} */ (["keeps running", "keeps running"]);
/** dash dies of SIGTERM without telling its child; of SIGINT it waits for what that does, which is nothing. */
const DASH = /** @type {const} */ (["not told", "keeps running"]);

const YARN = /** @type {const} */ (["waits", "keeps running"]);

const PASSING = { dash: DASH, bash: WAITS, busybox: WAITS };
// They passed nothing on between 9.6.6 and 10.3.0.
const SILENT = { dash: ALONE, bash: ALONE, busybox: ALONE };

/** @type {Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>} with SIGTERM, with SIGINT */
export const TABLE = {
  "npm-9.6.6": PASSING,
  "npm-9.9.4": SILENT,
  "npm-10.2.5": SILENT,
  "npm-10.9.9": PASSING,
  "npm-11.21.2": PASSING,
  "pnpm-10": PASSING,
  // It is no program of Node's any more, and puts a trap into each shell.
  "pnpm-12": { dash: DASH, bash: DASH, busybox: DASH },
  "yarn-1": {
    dash: ["not told", "not told"],
    bash: ["does not wait", "not told"],
    busybox: ["does not wait", "not told"],
  },
  // It has a shell of its own.
  "yarn-4": { dash: YARN, bash: YARN, busybox: YARN },
};
