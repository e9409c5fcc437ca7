import { JSON_FILE, YAML } from "../../files/kinds.js";
import type { Project } from "../../files/project.js";
import type { Source, Spot } from "../../source/source.js";
import { at, itemsOf, textOf, type Tree } from "../../source/tree.js";
import { listPatches, type Patches } from "./kustomize.js";

/** One object of a manifest. */
export interface KubernetesObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly namespace: string | null;
  readonly nameSpot: Spot;
  readonly tree: Tree;
  readonly source: Source;
  /** Of Helm's `# Source:` comment in front of it. */
  readonly template: string | null;
  /** Something else adds to it before it is applied, so that what it lacks says nothing. */
  readonly isPartial: boolean;
}

/** What stands where objects are expected and cannot be read as they are. */
export interface Unrendered {
  readonly spot: Spot;
  /** `Helm`, or another word for what fills it in. */
  readonly what: string;
}

export interface Manifests {
  readonly objects: readonly KubernetesObject[];
  readonly unrendered: readonly Unrendered[];
}

/** Every object of every manifest. Those that only tests of a chart use are left out. */
export function readManifests(project: Project): Manifests {
  const patches = project.once(listPatches);
  const objects: KubernetesObject[] = [];
  const unrendered: Unrendered[] = [];
  for (const { source, value } of project.all(YAML)) {
    if (!/^["']?apiVersion["']?\s*:/m.test(source.text)) continue;
    if (isTemplate(source.text)) {
      unrendered.push({ spot: spotOfTemplate(source), what: nameTemplate(source) });
      continue;
    }
    for (const { tree, start } of value) {
      if (tree !== null) objects.push(...toObjects(tree, source, start, patches));
    }
  }
  for (const { source, value } of project.all(JSON_FILE)) {
    if (value !== null) objects.push(...toObjects(value, source, 0, patches));
  }
  return { objects, unrendered };
}

const ACTION =
  /\{\{-?\s*(?:\.[A-Z]|\$|"[^"]*"\s*\||if\b|range\b|include\b|template\b|with\b|end\b|else\b|toYaml\b|tpl\b|default\b|define\b|[a-z_]+\s*(?:\||\}\}))/;

/** `{{.window}}` in the middle of a value may be for another program; at its beginning it is no YAML. */
const WHOLE = /^\s*(?:- )?(?:[\w."'/-]+:\s+)?\{\{-?\s*\./;

/** Actions outside of quotes and comments: those in a string may be for another program. */
export function isTemplate(text: string): boolean {
  return findAction(text) !== undefined;
}

/** Where the first action stands. */
function findAction(text: string): number | undefined {
  let start = 0;
  for (const line of text.includes("{{") ? text.split("\n") : []) {
    const isAction = ACTION.test(line) || WHOLE.test(line);
    if (isAction && !/^\s*(?:#|[\w."'/-]+:\s*['"].*\{\{)/.test(line) && !isInBlock(line))
      return start + line.indexOf("{{");
    start += line.length + 1;
  }
  return undefined;
}

/** A line of prose or of a script, such as an alert's description. */
function isInBlock(line: string): boolean {
  return !/^\s*(?:\{\{|- |[\w."'/-]+:)/.test(line);
}

function spotOfTemplate(source: Source): Spot {
  const at = findAction(source.text) ?? 0;
  return source.spot(at, at + 2);
}

function nameTemplate({ file }: Source): string {
  return /(?:^|\/)templates\//.test(file) ? "Helm" : "a template";
}

function toObjects(
  tree: Tree,
  source: Source,
  start: number,
  patches: Patches,
): KubernetesObject[] {
  const [apiVersion, kind] = [textOf(at(tree, "apiVersion")), textOf(at(tree, "kind"))];
  if (apiVersion === undefined || kind === undefined) return [];
  if (kind === "List" || kind.endsWith("List")) {
    return itemsOf(at(tree, "items")).flatMap((item) => toObjects(item, source, start, patches));
  }
  const metadata = at(tree, "metadata");
  if (isHelmTest(metadata)) return [];
  const nameTree = at(metadata, "name") ?? at(metadata, "generateName");
  const name = textOf(nameTree) ?? "";
  const isPartial =
    patches.files.has(source.file) ||
    patches.targets.some(
      ({ kind: of, name: one }) => of === kind && (one === null || one === name),
    );
  const namespace = textOf(at(metadata, "namespace")) ?? null;
  const template = findTemplate(source, start);
  const nameSpot = nameTree?.spot ?? tree.spot;
  return [{ apiVersion, kind, name, namespace, nameSpot, tree, source, template, isPartial }];
}

function isHelmTest(metadata: Tree | undefined): boolean {
  return (textOf(at(metadata, "annotations", "helm.sh/hook")) ?? "").startsWith("test");
}

/** Helm writes it between the `---` and the object. */
function findTemplate(source: Source, start: number): string | null {
  const before = source.text.slice(Math.max(0, start - 400), start);
  const [, name] = /(?:^|\n)# Source: (\S+)\s*(?:\n#[^\n]*)*\n?\s*$/.exec(before) ?? [];
  return name ?? null;
}
