import { YAML } from "../../files/kinds.js";
import type { Project } from "../../files/project.js";
import { folderOf, joinPaths } from "../../source/paths.js";
import { at, entriesOf, itemsOf, textOf, type Tree } from "../../source/tree.js";

/** What kustomize adds to objects that stand elsewhere. */
export interface Patches {
  /** Files that are no objects of their own. */
  readonly files: ReadonlySet<string>;
  /** Objects that get more, or other values than they have in their file. Without a name: all of the kind. */
  readonly targets: readonly { readonly kind: string; readonly name: string | null }[];
}

/** What a stop depends on. A patch of an image's name or of labels changes nothing for it. */
const FIELDS =
  /terminationGracePeriodSeconds|lifecycle|preStop|\bcommand\b|\bargs\b|Probe\b|strategy|maxUnavailable|replicas/;

/** Reads every kustomization of the project. */
export function listPatches(project: Project): Patches {
  const files = new Set<string>();
  const targets: { kind: string; name: string | null }[] = [];
  for (const { source, value } of project.all(YAML)) {
    if (!/(?:^|\/)kustomization\.ya?ml$/i.test(source.file)) continue;
    const folder = folderOf(source.file);
    for (const { tree } of value) {
      for (const patch of listPatchTrees(tree)) readPatch(project, folder, patch, files, targets);
    }
  }
  return { files, targets };
}

function listPatchTrees(tree: Tree | null): readonly Tree[] {
  const keys = ["patches", "patchesStrategicMerge", "patchesJson6902"];
  return keys.flatMap((key) => itemsOf(at(tree ?? undefined, key)));
}

function readPatch(
  project: Project,
  folder: string,
  patch: Tree,
  files: Set<string>,
  targets: { kind: string; name: string | null }[],
): void {
  const named = textOf(patch) ?? textOf(at(patch, "path"));
  const isInline = named === undefined || named.includes("\n");
  const file = isInline ? undefined : joinPaths(folder, named);
  if (file !== undefined) files.add(file);
  const text =
    file === undefined
      ? (textOf(at(patch, "patch")) ?? named ?? "")
      : (project.source(file)?.text ?? "");
  if (!FIELDS.test(text)) return;
  const target = at(patch, "target");
  const kind = textOf(at(target, "kind")) ?? /^\s*kind:\s*["']?(\w+)/m.exec(text)?.[1];
  const own = /^\s*name:\s*["']?([\w.-]+)/m.exec(text)?.[1] ?? null;
  const name = entriesOf(target).length > 0 ? (textOf(at(target, "name")) ?? null) : own;
  if (kind !== undefined) targets.push({ kind, name });
}
