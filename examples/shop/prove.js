// @ts-check
import { spawn } from "node:child_process";
import { mkdir, readFile } from "node:fs/promises";
import path from "node:path";
import { text } from "node:stream/consumers";
import { once } from "node:events";
import { checkJournal } from "./check-journal.js";

/** @typedef {import("#src/prove/index.js").RequestRow} RequestRow */

const root = path.join(import.meta.dirname, "..", "..");
const order = 'POST /orders {"id":"{{id}}","product":"2","quantity":1}';

/** What the shop's clients do, and what its platform allows; the rest is `lastcall prove`'s default. */
const load = [
  ["--request", "GET /products"],
  ["--request", "GET /products/2"],
  ["--request", order],
  ["--slow", "GET /report"],
  ["--slow", "GET /export"],
  ["--upload", "POST /uploads"],
  // What `docker stop` grants.
  ["--grace", "10s"],
  // A balancer that looks every second, and believes what it sees.
  ["--lag", "1s"],
];

/** @param {string} file */
function startOf(file) {
  return ["node", `examples/shop/${file}`];
}

/**
 * Runs `lastcall prove` on a shop, and compares the shop's journal with what the clients were told.
 *
 * @param {string} file
 * @param {{ folder: string, interrupt: AbortSignal }} options
 * @returns {Promise<import("./judge.js").Stopped | undefined>} undefined when it could not run
 */
export async function proveShop(file, { folder, interrupt }) {
  if (interrupt.aborted) return undefined;
  const data = path.join(folder, file);
  const ledger = path.join(data, "ledger.ndjson");
  await mkdir(data);
  const cli = path.join(root, "dist", "cli", "main.js");
  const args = ["prove", ...load.flat(), "--json", "--ledger", ledger, "--", ...startOf(file)];
  const child = spawn(process.execPath, [cli, ...args], {
    cwd: root,
    // In a group of its own: Ctrl-C reaches it once, from here, and not a second time from the
    // terminal, which would tell it to leave without tidying up.
    detached: true,
    env: { ...process.env, SHOP_DATA: data, PATH: ownNodeFirst() },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const stop = () => child.kill("SIGTERM");
  interrupt.addEventListener("abort", stop);
  const [output] = await Promise.all([text(child.stdout), once(child, "exit")]);
  interrupt.removeEventListener("abort", stop);
  // 0 pass, 1 fail; with anything else it has said why on stderr.
  if (child.exitCode !== 0 && child.exitCode !== 1) return undefined;
  /** @type {import("#src/prove/index.js").ProveResult} */
  const result = JSON.parse(output);
  /** @type {RequestRow[]} */
  const rows = (await readFile(ledger, "utf8"))
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
  const journal = await readFile(path.join(data, "orders.ndjson"), "utf8");
  return { file, result, journal: checkJournal(rows, journal) };
}

/** `node` is the one that runs this program. */
function ownNodeFirst() {
  return [path.dirname(process.execPath), process.env["PATH"]].join(path.delimiter);
}

/**
 * The command as one would type it.
 *
 * @param {string} file
 */
export function describeCommand(file) {
  const options = load.map(
    ([name, value = ""]) => `${name} ${/\s/.test(value) ? `'${value}'` : value}`,
  );
  const words = ["$ lastcall prove", ...options, `-- ${startOf(file).join(" ")}`];
  return fold(words, 88).join(" \\\n    ");
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
    if (line !== undefined && line.length + word.length < width) {
      lines[lines.length - 1] = `${line} ${word}`;
    } else lines.push(word);
  }
  return lines;
}
