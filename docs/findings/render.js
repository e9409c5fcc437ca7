// @ts-check
// What the pages of findings take from the catalogue and from the museum.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";

const root = path.join(import.meta.dirname, "..", "..");
const services = "test/fixtures/services";
// Below what the usual systems give to outgoing connections.
const ROLLOUT_PORT = 23_811;

/** @typedef {import("#src/findings/catalogue.js").Described} Described */

/** @type {{ CATALOGUE: readonly Described[] } | undefined} */
const built = existsSync(path.join(root, "dist", "prove", "findings", "catalogue.js"))
  ? await import("../../dist/prove/findings/catalogue.js")
  : undefined;

/**
 * The text between the marks of a region, with the empty lines around it.
 *
 * @param {string} name `table`, or a finding's id
 */
export function renderFromCatalogue(name) {
  if (built === undefined) throw new Error("the catalogue is not built: `npm run build`");
  const [id = "", part] = name.split("#");
  const rule = built.CATALOGUE.find((one) => one.id === id);
  if (name === "table") return `\n${renderTable(built.CATALOGUE)}\n\n`;
  if (rule === undefined) throw new Error(`no finding is named ${name}`);
  return `\n${part === "services" ? renderServices(rule.id) : renderRule(rule)}\n\n`;
}

/** @param {Described} rule */
function renderRule({ severity, title, cause, next }) {
  const lead = `**${severity === "error" ? "Error" : "Warning"}**: ${title}.`;
  return [lead, cause, next].join("\n\n");
}

/** @param {readonly Described[]} rules */
function renderTable(rules) {
  const rows = rules.map(({ id, severity, title }) => {
    return [`[\`${id}\`](${id.replace("/", "-")}.md)`, severity, title];
  });
  const head = ["finding", "severity", "what it says"];
  const widths = head.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  const line = (/** @type {string[]} */ cells) =>
    `| ${cells.map((cell, at) => cell.padEnd(widths[at] ?? 0)).join(" | ")} |`;
  return [line(head), line(widths.map((width) => "-".repeat(width))), ...rows.map(line)].join("\n");
}

/**
 * Links to the services that have the defect, and to those that do not.
 *
 * @param {string} id
 */
function renderServices(id) {
  const folder = `${services}/${id.replace("/", "-")}`;
  const names = readdirSync(path.join(root, folder)).filter((name) =>
    /^(broken|mended)/.test(name),
  );
  const link = (/** @type {string} */ name) => `[\`${name}\`](../../${folder}/${name})`;
  const list = (/** @type {string} */ kind) =>
    names
      .filter((name) => name.startsWith(kind))
      .map(link)
      .join(", ");
  return `- failing: ${list("broken")}\n- mended: ${list("mended")}`;
}

/**
 * The command that a page shows: the museum's own options, without its smaller load.
 *
 * @param {string} id
 * @param {string} file
 * @param {string} words what starts the service
 */
export function commandOf(id, file, words) {
  const folder = `${services}/${id.replace("/", "-")}`;
  const manifest = JSON.parse(readFileSync(path.join(root, folder, "service.json"), "utf8"));
  const service = manifest.services[file];
  const options = { "--lag": "400ms", "--grace": "6s", ...manifest.options, ...service.options };
  const given = Object.entries(options).flatMap(([name, value]) => {
    if (value === true) return [name];
    return [value].flat().map((one) => `${name} ${/[ {"]/.test(one) ? `'${one}'` : one}`);
  });
  if (manifest.during === undefined) {
    return `cd ${folder} && lastcall prove ${given.join(" ")} -- ${words}`;
  }
  const during = `--url http://127.0.0.1:${ROLLOUT_PORT} ${given.join(" ")} --during "${manifest.during}"`;
  const start = `PORT=${ROLLOUT_PORT} ${words} & SERVICE_PID=$!`;
  return `cd ${folder}; ${start}; lastcall prove ${during}; kill $SERVICE_PID`;
}
