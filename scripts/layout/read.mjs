// What a source file imports, and how large its functions and classes are.
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { parseSync, Visitor } from "oxc-parser";

/**
 * @typedef {object} Sized A function or a class.
 * @property {string} name
 * @property {number} size lines of a function, members of a class
 *
 * @typedef {object} Source
 * @property {string} file from the root of the repository, with `/`
 * @property {string[]} imports each specifier, of values and of types, static and dynamic
 * @property {string} [head] the folder that its first comment is about: `// facts/: what was seen …`
 * @property {Sized[]} functions
 * @property {Sized[]} classes
 */

/**
 * Reads every TypeScript file below `folder`.
 *
 * @param {string} root
 * @param {string} folder
 * @returns {Source[]}
 */
export function readSources(root, folder) {
  return readdirSync(path.join(root, folder), { recursive: true, encoding: "utf8" })
    .map((name) => path.posix.join(folder, name.split(path.sep).join("/")))
    .filter((file) => file.endsWith(".ts"))
    .sort()
    .map((file) => readSource(file, readFileSync(path.join(root, file), "utf8")));
}

const HEAD = /^(?:#!.*\n)?\/\/ ([\w-]+)\/: /;

/**
 * @param {string} file
 * @param {string} text
 * @returns {Source}
 */
function readSource(file, text) {
  const { program, module, errors } = parseSync(file, text);
  if (errors.length > 0) throw new Error(`${file}: ${errors[0]?.message ?? "not TypeScript"}`);
  const head = HEAD.exec(text)?.[1];
  const source = { file, head, imports: readImports(module), functions: [], classes: [] };
  const takeFunction = (node) => {
    const size = text.slice(node.start, node.end).split("\n").length;
    source.functions.push({ name: nameOf(node, text), size });
  };
  const takeClass = (node) => {
    source.classes.push({ name: node.id?.name ?? "?", size: node.body.body.length });
  };
  const visitor = new Visitor({
    FunctionDeclaration: takeFunction,
    FunctionExpression: takeFunction,
    ArrowFunctionExpression: takeFunction,
    ClassDeclaration: takeClass,
    ClassExpression: takeClass,
    TSImportType: (node) => {
      source.imports.push(node.source.value);
    },
    ImportExpression: (node) => {
      if (node.source.type === "Literal") source.imports.push(String(node.source.value));
    },
  });
  visitor.visit(program);
  return source;
}

/** Of `import` and of `export … from`, types included. */
function readImports({ staticImports, staticExports }) {
  const again = staticExports.flatMap(({ entries }) => entries.map((entry) => entry.moduleRequest));
  const all = [...staticImports.map(({ moduleRequest }) => moduleRequest), ...again];
  return [...new Set(all.flatMap((request) => (request ? [request.value] : [])))];
}

/** Its own name, or that of what it is given to. */
function nameOf(node, text) {
  if (node.id) return node.id.name;
  const before = text.slice(text.lastIndexOf("\n", node.start) + 1, node.start);
  const match = /(?:const|let) (\w+)/.exec(before) ?? /([#\w]+)\W*$/.exec(before);
  return match?.[1] ?? "?";
}
