import assert from "node:assert/strict";
import { test } from "node:test";
import { CLI_OPTIONS, type CliOption } from "#src/cli/prove/table.js";
import { parseDuration } from "#src/prove/facts/duration.js";
import { checkOptions } from "#src/prove/options/check.js";
import { resolveOptions } from "#src/prove/options/resolve.js";
import { OPTIONS } from "#src/prove/options/table.js";
import { runCli } from "../cli/run-cli.js";
import { read } from "../package/project.js";
import { plain, readRows } from "./markdown.js";

const PAGE = "docs/prove.md";

/** As it is written: `--http FILE…`. */
function write({ name, value, isRepeatable }: CliOption): string {
  return `${name}${value === undefined ? "" : ` ${value}`}${isRepeatable === true ? "…" : ""}`;
}

function writeDefault(option: CliOption): string {
  if (option.default === undefined) return option.value === undefined ? "" : "none";
  return option.name === "--clients" ? "[above](#the-clients)" : option.default;
}

/** The tables of the page, each under its heading. */
function readGroups(text: string): Map<string, string> {
  const [, part = ""] = text.split("\n## Options\n");
  const sections = (part.split("\n## ")[0] ?? "").split("\n### ").slice(1);
  return new Map(sections.map((section) => [section.split("\n")[0] ?? "", section]));
}

test("prove.md has every option of the command line, in its group and order, with its default", () => {
  const rows = readRows(PAGE, "option").filter(([name = ""]) => name.startsWith("`--"));
  assert.deepEqual(
    rows.map(([name = "", byDefault = ""]) => [plain(name), plain(byDefault)]),
    CLI_OPTIONS.map((option) => [write(option), writeDefault(option)]),
  );
  for (const [name = "", , meaning] of rows) assert.ok(meaning, `${name} has no meaning`);
  const groups = readGroups(read(PAGE));
  for (const { name, group } of CLI_OPTIONS) {
    const heading = `${group.charAt(0).toUpperCase()}${group.slice(1)}`;
    assert.match(groups.get(heading) ?? "", new RegExp(`^\\| \`${name}[ …\`]`, "m"), name);
  }
});

test("prove --help has each option once, in the same groups and order", async () => {
  const { stdout, code } = await runCli(["prove", "--help"]);
  assert.equal(code, 0);
  const listed = [...stdout.matchAll(/^ {2}(--[^\n]+?)(?: {2,}|$)/gm)].map((match) => match[1]);
  assert.deepEqual(listed, CLI_OPTIONS.map(write));
  const headings = [...stdout.matchAll(/^([A-Z][a-z ]+):$/gm)].map((match) => match[1]);
  assert.deepEqual(headings, ["What to prove", "The load", "The stop", "Output", "More options"]);
  for (const line of stdout.split("\n")) assert.ok(line.length <= 100, line);
});

test("the defaults of the table are those that are used", () => {
  const used = resolveOptions({ command: ["x"] }) as unknown as Record<string, unknown>;
  const compared = Object.entries(OPTIONS).flatMap(([key, row]) => {
    if (row.default === undefined || !(key in used)) return [];
    const ms = row.kind === "time" ? parseDuration(row.default) : undefined;
    const count = row.kind === "count" && key !== "seed" ? Number(row.default) : undefined;
    const wanted = ms ?? count ?? (row.kind === "signal" ? row.default : undefined);
    if (wanted === undefined) return [];
    assert.equal(used[key], wanted, key);
    return [key];
  });
  assert.ok(compared.length >= 10, compared.join());
  const { default: clients = "" } = OPTIONS.clients;
  const { clients: counts } = resolveOptions({ command: ["x"] });
  for (const [kind, count] of Object.entries(counts)) {
    assert.match(clients, new RegExp(`\\b${kind}=${String(count)}\\b`), kind);
  }
});

test("prove.md names each option that a program knows under another name", () => {
  const documented = read(PAGE).split("\n## From a program\n")[1] ?? "";
  const camelCase = (name: string): string =>
    name.slice(2).replaceAll(/-(.)/g, (_, letter: string) => letter.toUpperCase());
  for (const { name, key } of CLI_OPTIONS) {
    if (key === undefined || key === camelCase(name)) continue;
    assert.match(documented, new RegExp(`^\\|.*\`${name}\`.*\\|.*\`${key}\`.*\\|$`, "m"), name);
  }
});

test("prove() takes the table's options, and refuses what the command line refuses", () => {
  const refused = (options: object): void =>
    assert.throws(() => checkOptions({ command: ["x"], ...options }), {
      code: "PROVE_BAD_OPTION",
    });
  for (const [key, row] of Object.entries(OPTIONS)) {
    refused({ [key]: Symbol("none of all kinds") });
    if (row.range === undefined) continue;
    const [least, most] = row.range;
    refused({ [key]: least - 1 });
    refused({ [key]: most + 1 });
    refused({ [key]: 1.5 });
    checkOptions({ command: ["x"], [key]: least });
    checkOptions({ command: ["x"], [key]: most });
  }
  refused({ nobodyKnows: 1 });
});
