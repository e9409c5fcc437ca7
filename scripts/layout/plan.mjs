// How src/ is laid out: who may import whom, and how large things may grow. CONTRIBUTING.md draws it.

/**
 * @typedef {object} Part A folder of src/ that keeps to itself.
 * @property {string} folder
 * @property {readonly string[]} imports other folders that it may import
 * @property {Readonly<Record<string, string>>} packages what it may import from npm, and the one file that does
 * @property {readonly string[]} [root] files that stand in the folder itself: they import any folder, none imports them
 * @property {readonly string[]} [order] its folders; each imports only those before it
 */

/** @type {readonly Part[]} */
export const PARTS = [
  { folder: "src/findings", imports: [], packages: {} },
  {
    folder: "src/prove",
    imports: ["src/findings"],
    packages: { yaml: "src/prove/traffic/yaml.ts" },
    root: ["index.ts", "prove.ts"],
    order: [
      "facts",
      "request",
      "traffic",
      "options",
      "machine",
      "load",
      "subject",
      "judge",
      "findings",
      "trial",
      "inspect",
      "render",
    ],
  },
  {
    folder: "src/lint",
    imports: ["src/findings"],
    packages: { yaml: "src/lint/read/yaml/parse.ts" },
    root: ["index.ts", "lint.ts"],
    order: [
      "source",
      "read",
      "files",
      "model",
      "application",
      "chain",
      "platforms",
      "tie",
      "rules",
      "ignore",
      "fix",
      "timeline",
      "render",
    ],
  },
];

export const LIMITS = { files: 15, lines: 60, members: 25 };

/** Folders of many files that are all alike. */
export const CATALOGUES = ["src/clients", "src/prove/load/clients", "src/lint/rules/k8s"];

/** Each folder below these has a head file, whose first comment says what the folder is for. */
export const EXPLAINED = ["src/cli", "src/findings", "src/lint", "src/prove"];

/** But not the groups of a catalogue: their names are those of what is in them. */
export const GROUPED = ["src/prove/findings", "src/lint/rules"];

/**
 * What is larger, or goes round, and why it still may. An entry that is no longer needed is a fault too, so
 * that the list only gets shorter.
 */
export const EXCEPTIONS = {
  /** @type {readonly { files: readonly string[], why: string }[]} */
  circles: [],
  /** @type {Readonly<Record<string, string>>} */
  files: {},
  /** @type {Readonly<Record<string, string>>} */
  lines: {
    "src/server/guard.ts guard":
      "its functions share the state of one guard, which no class has to show",
  },
  /** @type {Readonly<Record<string, string>>} */
  members: {
    "src/prove/load/run.ts Run":
      "the load as its clients know it: one call for each thing a client can do",
    "src/prove/load/http2/session.ts H2Session":
      "a method for each frame of RFC 9113 that a client takes",
    "src/prove/load/wire/channel.ts Channel": "what its three protocols override or call",
    "src/prove/render/html/chart/chart.ts Chart": "one canvas and what can be done with it",
  },
};
