// ecs/: the containers of task definitions of Amazon ECS, as JSON has them.
import { JSON_FILE } from "../../files/kinds.js";
import type { Project } from "../../files/project.js";
import type { Command } from "../../model/command.js";
import { createWorkload, type Workload } from "../../model/workload.js";
import type { Source } from "../../source/source.js";
import { at, entryOf, itemsOf, numberOf, textOf, type Tree } from "../../source/tree.js";
import { given, usual, type Value } from "../../source/value.js";
import { isForDevelopment } from "../docker/dockerfiles.js";
import type { PlatformReader } from "../reader.js";

const STOP_TIMEOUT = 30_000;

/** Amazon ECS. */
export const ECS: PlatformReader = {
  kinds: [JSON_FILE],
  listWorkloads: (project: Project) => project.once(listContainers).map(({ workload }) => workload),
};

/** A container of a task definition. */
export interface EcsContainer {
  readonly tree: Tree;
  readonly isFargate: boolean;
  readonly workload: Workload;
}

/** Every container of the project's task definitions. */
export function listContainers(project: Project): readonly EcsContainer[] {
  return project.all(JSON_FILE).flatMap(({ source, value }) => {
    if (isForDevelopment(source.file)) return [];
    // What `aws ecs describe-task-definition` prints has it one level deeper.
    const task = at(value ?? undefined, "taskDefinition") ?? value ?? undefined;
    const isFargate = itemsOf(at(task, "requiresCompatibilities")).some(
      (item) => textOf(item) === "FARGATE",
    );
    const family = textOf(at(task, "family"));
    return itemsOf(at(task, "containerDefinitions")).map((tree) => ({
      tree,
      isFargate,
      workload: toWorkload(source, tree, family),
    }));
  });
}

function toWorkload(source: Source, tree: Tree, family: string | undefined): Workload {
  const name = entryOf(tree, "name");
  const spot = name?.value.spot ?? source.spot(tree.spot.start, tree.spot.start + 1);
  const own = textOf(name?.value) ?? "container";
  const image = at(tree, "image");
  const imageName = textOf(image);
  return createWorkload({
    platform: "ecs",
    kind: "container",
    name: family === undefined || family === own ? own : `${family}/${own}`,
    spot,
    whole: tree.spot,
    grant: readGrant(tree, spot),
    beforeSignal: usual("before the signal", 0, spot),
    signalled: "first",
    entrypoint: readCommand(at(tree, "entryPoint")),
    cmd: readCommand(at(tree, "command")),
    imageName:
      image === undefined || imageName === undefined ? null : given("image", imageName, image.spot),
    isServed: itemsOf(at(tree, "portMappings")).length > 0,
    environment: readEnvironment(at(tree, "environment")),
  });
}

function readGrant(tree: Tree, spot: Workload["spot"]): Value<number> | null {
  const written = at(tree, "stopTimeout");
  if (written === undefined || (written.kind === "scalar" && written.value === null)) {
    return usual("stopTimeout", STOP_TIMEOUT, spot);
  }
  const seconds = numberOf(written);
  return seconds === undefined ? null : given("stopTimeout", seconds * 1_000, written.spot);
}

function readCommand(tree: Tree | undefined): Command | null {
  const words = itemsOf(tree).map((item) => ({ text: textOf(item) ?? "", spot: item.spot }));
  return tree === undefined || words.length === 0
    ? null
    : { words, isShell: false, spot: tree.spot };
}

function readEnvironment(tree: Tree | undefined): ReadonlyMap<string, Value<string | null>> {
  return new Map(
    itemsOf(tree).flatMap((item) => {
      const name = textOf(at(item, "name"));
      const value = at(item, "value");
      return name === undefined
        ? []
        : [[name, given(name, textOf(value) ?? null, item.spot)] as const];
    }),
  );
}
