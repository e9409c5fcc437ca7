// Proves the services of the museum that stop badly with `lastcall/auto`, as they are: how many become PASS, and what is still
// found in the others. `node scripts/museum-auto.mjs [pattern…]` keeps those whose name contains one of the patterns.
import path from "node:path";
import { pathToFileURL } from "node:url";

import { COLLECTION, listServices } from "./museum/collection.mjs";
import { examine } from "./museum/examine.mjs";
import { findCommand } from "./museum/toolchain.mjs";

const JOBS = 2;
const auto = path.join(import.meta.dirname, "..", "dist", "auto", "index.js");
/** Not in the environment of the prover, which is a Node of its own; and beside what `--inspect` preloads. */
const PRELOADED = `NODE_OPTIONS="$NODE_OPTIONS --import ${pathToFileURL(auto).href}" exec "$0" "$@"`;

const isNode = ({ file }) => !/\.(?:go|py)$/.test(file);
const services = listServices(COLLECTION, process.argv.slice(2)).filter(
  (service) => service.expects.length > 0 && isNode(service),
);
const passed = [];
const queue = [...services];
const begun = performance.now();
await Promise.all(Array.from({ length: JOBS }, work));
const seconds = Math.round((performance.now() - begun) / 1_000);
console.log(`${passed.length} of ${services.length} become PASS, in ${seconds} s`);

async function work() {
  for (let service = queue.shift(); service !== undefined; service = queue.shift()) {
    const { command } = findCommand(service);
    const given = service.options.indexOf("--grace");
    const grace = given < 0 ? "6s" : service.options[given + 1];
    const words = ["env", `LASTCALL_GRACE_PERIOD=${grace}`, "sh", "-c", PRELOADED, ...command];
    const { verdict, findings, error } = await examine(service, words);
    if (verdict === "pass") passed.push(service.name);
    const before = service.expects.map(({ id }) => id).join(" ");
    const found = findings?.map(({ id }) => id).join(" ");
    const now = found === undefined ? `no verdict: ${error}` : found || "nothing";
    console.log(`${verdict === "pass" ? "✓" : "✗"} ${service.name}: ${before} → ${now}`);
  }
}
