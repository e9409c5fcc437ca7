// Compares src/ with its plan.
import { builtinModules } from "node:module";
import path from "node:path";
import { findCircles } from "./circles.mjs";
import { CATALOGUES, EXCEPTIONS, EXPLAINED, GROUPED, LIMITS, PARTS } from "./plan.mjs";
import { readSources } from "./read.mjs";

/** @typedef {import("./read.mjs").Source} Source */
/** @typedef {import("./plan.mjs").Part} Part */

/**
 * One line for each thing that is not as planned.
 *
 * @param {string} root of the repository
 * @returns {string[]}
 */
export function checkLayout(root) {
  const sources = readSources(root, "src");
  const graph = new Map(sources.map((source) => [source.file, listTargets(source)]));
  return [
    ...sources.flatMap((source) => checkImports(source)),
    ...checkCircles(graph),
    ...checkFolders(sources.map(({ file }) => file)),
    ...checkHeads(sources),
    ...checkSizes("lines", "function", sources),
    ...checkSizes("members", "class", sources),
  ];
}

/**
 * The files of src/ that it imports.
 *
 * @param {Source} source
 */
function listTargets({ file, imports }) {
  return imports.flatMap((specifier) => resolve(file, specifier) ?? []);
}

/**
 * @param {string} file
 * @param {string} specifier
 * @returns {string | undefined} undefined for a package or a built-in
 */
function resolve(file, specifier) {
  if (!specifier.startsWith(".")) return undefined;
  return path.posix.join(path.posix.dirname(file), specifier).replace(/\.js$/, ".ts");
}

/** @param {Source} source */
function checkImports(source) {
  const part = PARTS.find(({ folder }) => isWithin(source.file, folder));
  if (part === undefined) return [];
  return [
    ...checkPlace(source.file, part),
    ...source.imports.flatMap((specifier) => {
      const target = resolve(source.file, specifier);
      const why =
        target === undefined
          ? refusePackage(source.file, specifier, part)
          : refuseTarget(source.file, target, part);
      return why === undefined ? [] : [`${source.file} imports ${specifier}: ${why}`];
    }),
  ];
}

/**
 * @param {string} file
 * @param {Part} part
 */
function checkPlace(file, { folder, root, order }) {
  if (root === undefined || order === undefined) return [];
  const [first = "", ...rest] = file.slice(folder.length + 1).split("/");
  if (rest.length === 0) {
    return root.includes(first)
      ? []
      : [`${file}: ${folder}/ itself has ${root.join(" and ")} only`];
  }
  return order.includes(first) ? [] : [`${file}: the plan has no folder ${folder}/${first}/`];
}

/**
 * @param {string} file
 * @param {string} specifier
 * @param {Part} part
 */
function refusePackage(file, specifier, { folder, packages }) {
  if (specifier.startsWith("node:")) return undefined;
  if (builtinModules.includes(specifier)) return "a built-in is written with node:";
  if (packages[specifier] === file) return undefined;
  const known = Object.entries(packages).map(([name, where]) => `${name} in ${where}`);
  return `${folder}/ has no packages${known.length === 0 ? "" : ` but ${known.join(", ")}`}`;
}

/**
 * @param {string} file
 * @param {string} target
 * @param {Part} part
 */
function refuseTarget(file, target, { folder, imports, root = [], order }) {
  if (!isWithin(target, folder)) {
    if (imports.some((other) => isWithin(target, other))) return undefined;
    return `${folder}/ imports ${["itself", ...imports.map((other) => `${other}/`)].join(" and ")} alone`;
  }
  if (order === undefined) return undefined;
  const [from, to] = [file, target].map(
    (each) => each.slice(folder.length + 1).split("/")[0] ?? "",
  );
  if (root.includes(from)) return undefined;
  if (root.includes(to)) return `nothing below ${folder}/ imports what stands in it`;
  if (order.indexOf(to) <= order.indexOf(from)) return undefined;
  return `${from}/ comes before ${to}/`;
}

/** @param {ReadonlyMap<string, readonly string[]>} graph */
function checkCircles(graph) {
  const circles = findCircles(graph);
  const known = (/** @type {readonly string[]} */ files) =>
    EXCEPTIONS.circles.some((one) => files.join() === one.files.join());
  return [
    ...circles
      .filter((files) => !known(files))
      .map((files) => `imports go round, types included: ${files.join(", ")}`),
    ...EXCEPTIONS.circles
      .filter((one) => one.files.some((file) => graph.has(file)))
      .filter((one) => !circles.some((files) => files.join() === one.files.join()))
      .map((one) => stale("circles", one.files.join(", "))),
  ];
}

/** @param {readonly string[]} files */
function checkFolders(files) {
  /** @type {Map<string, number>} */
  const counts = new Map();
  for (const file of files) {
    const folder = path.posix.dirname(file);
    counts.set(folder, (counts.get(folder) ?? 0) + 1);
  }
  const large = [...counts]
    .filter(([folder, count]) => count > LIMITS.files && !CATALOGUES.includes(folder))
    .map(([folder, count]) => ({ name: folder, size: count }));
  const present = new Set(counts.keys());
  return judge("files", "folder", large, (name) => present.has(name));
}

/** @param {readonly Source[]} sources */
function checkHeads(sources) {
  const folders = new Set(sources.map(({ file }) => path.posix.dirname(file)));
  return [...folders].filter(isExplained).flatMap((folder) => {
    const heads = sources.filter(
      ({ file, head }) =>
        path.posix.dirname(file) === folder && head === path.posix.basename(folder),
    );
    if (heads.length === 1) return [];
    const name = path.posix.basename(folder);
    const what = heads.length === 0 ? "no file begins" : "several files begin";
    return [`${folder}: ${what} with \`// ${name}/: \` and what the folder is for`];
  });
}

/** @param {string} folder */
function isExplained(folder) {
  const isBelow = (/** @type {string} */ other) => isWithin(folder, other);
  return EXPLAINED.some((one) => one === folder || isBelow(one)) && !GROUPED.some(isBelow);
}

/**
 * @param {"lines" | "members"} what
 * @param {"function" | "class"} kind
 * @param {readonly Source[]} sources
 */
function checkSizes(what, kind, sources) {
  const large = sources.flatMap((source) =>
    source[kind === "class" ? "classes" : "functions"]
      .filter(({ size }) => size > LIMITS[what])
      .map(({ name, size }) => ({ name: `${source.file} ${name}`, size })),
  );
  const present = new Set(sources.map(({ file }) => file));
  return judge(what, kind, large, (name) => present.has(name.split(" ")[0] ?? ""));
}

/**
 * @param {"files" | "lines" | "members"} what
 * @param {string} kind
 * @param {readonly { name: string, size: number }[]} large
 * @param {(name: string) => boolean} isPresent whether there is such a folder or file here at all
 */
function judge(what, kind, large, isPresent) {
  const excepted = EXCEPTIONS[what];
  const names = new Set(large.map(({ name }) => name));
  return [
    ...large
      .filter(({ name }) => !(name in excepted))
      .map(
        ({ name, size }) =>
          `${name}: a ${kind} of ${String(size)} ${what}, at most ${String(LIMITS[what])}`,
      ),
    ...Object.keys(excepted)
      .filter((name) => isPresent(name) && !names.has(name))
      .map((name) => stale(what, name)),
  ];
}

/**
 * @param {string} list
 * @param {string} name
 */
function stale(list, name) {
  return `scripts/layout/plan.mjs: EXCEPTIONS.${list} no longer needs ${name}: take it out`;
}

/**
 * @param {string} file
 * @param {string} folder
 */
function isWithin(file, folder) {
  return file.startsWith(`${folder}/`);
}
