import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { parseSync, Visitor } from "oxc-parser";
import { readProgram } from "#src/lint/read/javascript/program.js";
import { readJavaScript } from "#src/lint/read/javascript/read.js";
import { Source } from "#src/lint/source/source.js";

const ROOT = path.resolve(import.meta.dirname, "../../../..");
const FOLDERS = ["src/prove", "src/server", "examples", "node_modules/express", "node_modules/ws"];

function* listFiles(folder: string): Generator<string> {
  for (const entry of readdirSync(folder, { withFileTypes: true, recursive: true })) {
    if (entry.isFile() && /\.(?:[cm]?[jt]s)$/.test(entry.name))
      yield path.join(entry.parentPath, entry.name);
  }
}

// Words of the language in some places and names in others: as calls they harm no one.
const SOMETIMES = new Set(["of", "as", "satisfies", "readonly", "keyof", "async"]);

interface Seen {
  readonly literals: string[];
  readonly calls: string[];
  readonly imports: string[];
}

/** What a whole parser sees of the same file; undefined where it refuses it. */
function readByOxc(file: string, text: string): Seen | undefined {
  const { program, errors } = parseSync(file, text);
  if (errors.length > 0) return undefined;
  const seen: Seen = { literals: [], calls: [], imports: [] };
  const templates: { start: number; end: number }[] = [];
  const isInTemplate = ({ start, end }: { start: number; end: number }): boolean =>
    templates.some((each) => each.start < start && end < each.end);
  new Visitor({
    TemplateLiteral(node) {
      if (!isInTemplate(node)) seen.literals.push(`${node.start}-${node.end}`);
      templates.push(node);
    },
    TSTemplateLiteralType(node) {
      seen.literals.push(`${node.start}-${node.end}`);
    },
    Literal(node) {
      const isText = typeof node.value === "string" || "regex" in node;
      if (isText && !isInTemplate(node)) seen.literals.push(`${node.start}-${node.end}`);
    },
    CallExpression(node) {
      if (isInTemplate(node)) return;
      const { callee } = node;
      if (
        callee.type === "Identifier" &&
        !SOMETIMES.has(callee.name) &&
        !/^\s*:/.test(text.slice(node.end))
      )
        seen.calls.push(`${node.start}-${node.end} ${callee.name}`);
      const [arg] = node.arguments;
      if (callee.type === "Identifier" && callee.name === "require" && arg?.type === "Literal")
        seen.imports.push(String(arg.value));
    },
    ImportExpression(node) {
      if (!isInTemplate(node) && node.source.type === "Literal")
        seen.imports.push(String(node.source.value));
    },
    ImportDeclaration(node) {
      seen.imports.push(node.source.value);
    },
    ExportAllDeclaration(node) {
      seen.imports.push(node.source.value);
    },
    ExportNamedDeclaration(node) {
      if (node.source !== null) seen.imports.push(node.source.value);
    },
  }).visit(program);
  return seen;
}

function readByHand(file: string, text: string): Seen {
  const source = new Source(file, text);
  const { tokens } = readProgram(source);
  const { calls, imports } = readJavaScript(source).value;
  return {
    literals: tokens
      .filter(({ kind }) => kind === "string" || kind === "regex" || kind === "template")
      .map(({ start, end }) => `${start}-${end}`),
    calls: calls
      .filter(({ callee, isNew }) => !isNew && /^[\w$]+$/.test(callee) && !SOMETIMES.has(callee))
      // Methods that are defined with a type look like calls; telling them apart takes a whole parser.
      .filter(({ spot }) => !/^\s*:/.test(source.text.slice(spot.end)))
      .map(({ callee, spot }) => `${spot.start}-${spot.end} ${callee}`),
    imports: imports.flatMap(({ specifier }) => specifier ?? []),
  };
}

test("strings, templates, regular expressions, calls and imports are where a whole parser sees them", () => {
  const counts = { files: 0, literals: 0, calls: 0, imports: 0 };
  for (const folder of FOLDERS) {
    for (const file of listFiles(path.join(ROOT, folder))) {
      const text = readFileSync(file, "utf8");
      const expected = readByOxc(file, text);
      if (expected === undefined) continue;
      const got = readByHand(file, text);
      for (const key of ["literals", "calls", "imports"] as const) {
        assert.deepEqual(
          got[key].sort(),
          expected[key].sort(),
          `${key} of ${path.relative(ROOT, file)}`,
        );
        counts[key] += expected[key].length;
      }
      counts.files += 1;
    }
  }
  assert.ok(
    counts.files > 300 && counts.literals > 3_000 && counts.calls > 1_000 && counts.imports > 1_000,
    JSON.stringify(counts),
  );
});
