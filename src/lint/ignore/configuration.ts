import type { FileKind, Project } from "../files/project.js";
import { matchesGlob } from "../files/gitignore.js";
import type { Workload } from "../model/workload.js";
import { readYaml, type YamlDocument } from "../read/yaml/yaml.js";
import type { Fault } from "../rules/rule.js";
import { at, itemsOf, textOf, type Tree } from "../source/tree.js";
import type { Ignore } from "./wish.js";

/** What is ignored by path, kind and name. */
const CONFIGURATION: FileKind<readonly YamlDocument[]> = {
  name: "lastcall's configuration",
  matches: (file) => /^\.lastcall-lint\.ya?ml$/.test(file),
  read: readYaml,
};

/** Reads `.lastcall-lint.yaml` at the root. */
export function readConfiguration(project: Project, workloads: readonly Workload[]): Ignore[] {
  return project
    .all(CONFIGURATION)
    .flatMap(({ value }) =>
      value.flatMap(({ tree }) =>
        itemsOf(at(tree ?? undefined, "ignore")).map((item) => toIgnore(item, workloads)),
      ),
    );
}

function toIgnore(item: Tree, workloads: readonly Workload[]): Ignore {
  const [path, kind, name] = ["path", "kind", "name"].map((key) => textOf(at(item, key)));
  const named = workloads.filter(
    (one) => (kind ?? one.kind) === one.kind && (name ?? one.name) === one.name,
  );
  const isNamed = ({ spot }: Fault): boolean =>
    (kind === undefined && name === undefined) ||
    named.some(
      ({ whole }) => whole.file === spot.file && whole.start <= spot.start && spot.end <= whole.end,
    );
  return {
    rule: textOf(at(item, "rule")) ?? "",
    reason: (textOf(at(item, "reason")) ?? "").trim(),
    spot: item.spot,
    covers: (fault) => (path === undefined || matchesGlob(path, fault.spot.file)) && isNamed(fault),
  };
}
