import { readFileSync } from "node:fs";

/** How many ancestors are looked at: a watcher may start the program by a shell, or by npm. */
const MOST_ANCESTORS = 4;

/** Programs that start another again whenever a file changes, by the words of their command lines. */
const WATCHERS: readonly {
  readonly name: string;
  readonly runs: (words: readonly string[]) => boolean;
}[] = [
  { name: "nodemon", runs: (words) => words.some((word) => isProgram(word, "nodemon")) },
  {
    name: "tsx watch",
    runs: (words) => words.some((word) => isTsx(word)) && words.includes("watch"),
  },
  {
    name: "ts-node-dev",
    runs: (words) =>
      ["ts-node-dev", "tsnd"].some((name) => words.some((word) => isProgram(word, name))),
  },
  { name: "node-dev", runs: (words) => words.some((word) => isProgram(word, "node-dev")) },
];

/**
 * The watcher that runs this process in development; undefined where there is none. `node --watch` says so in the
 * environment; others are known by their own command line, which Linux shows, or by that of the npm script.
 */
export function findWatcher(): string | undefined {
  if (process.env["WATCH_REPORT_DEPENDENCIES"] !== undefined) return "node --watch";
  const script = process.env["npm_lifecycle_script"] ?? "";
  return match(script.replaceAll(/["']/g, "").split(/\s+/)) ?? findAncestor(process.ppid);
}

function findAncestor(pid: number): string | undefined {
  let next = pid;
  for (let count = 0; count < MOST_ANCESTORS && next > 1; count++) {
    const words = read(`/proc/${next}/cmdline`)?.split("\0");
    const found = words && match(words);
    if (found !== undefined) return found;
    next = Number(/^PPid:\s+(\d+)$/m.exec(read(`/proc/${next}/status`) ?? "")?.[1] ?? 0);
  }
  return undefined;
}

function match(words: readonly string[]): string | undefined {
  return WATCHERS.find(({ runs }) => runs(words))?.name;
}

/** Whether a word is a program of that name, or its script: `node_modules/nodemon/bin/nodemon.js`. */
function isProgram(word: string, name: string): boolean {
  return new RegExp(`(^|[/\\\\])${name}(\\.[cm]?js)?$`).test(word);
}

/** Its script is `tsx/dist/cli.mjs`. */
function isTsx(word: string): boolean {
  return isProgram(word, "tsx") || /[/\\]tsx[/\\]dist[/\\]cli\.[cm]?js$/.test(word);
}

/** Another system has no such file. */
function read(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}
