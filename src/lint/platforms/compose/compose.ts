// compose/: the services of Compose files and of stacks of Swarm.
import { YAML } from "../../files/kinds.js";
import type { Project } from "../../files/project.js";
import type { Command } from "../../model/command.js";
import { createWorkload, type Build, type Workload } from "../../model/workload.js";
import { parseShell } from "../../read/shell/parse.js";
import { parseDuration } from "../../source/duration.js";
import { folderOf, joinPaths } from "../../source/paths.js";
import type { Source } from "../../source/source.js";
import {
  at,
  entriesOf,
  itemsOf,
  numberOf,
  textOf,
  type Entry,
  type Tree,
} from "../../source/tree.js";
import { given, usual, type Value } from "../../source/value.js";
import type { PlatformReader } from "../reader.js";

/** A service of a Compose file. */
export interface ComposeService {
  readonly source: Source;
  readonly entry: Entry;
  readonly workload: Workload;
  /** Deployed to a Swarm: what `deploy` says counts there. */
  readonly isStack: boolean;
}

const GRACE = 10_000;

/** Every service of the project's Compose files. */
export function listServices(project: Project): readonly ComposeService[] {
  return project.all(YAML).flatMap(({ source, value }) => {
    const tree = value[0]?.tree;
    const services = at(tree ?? undefined, "services");
    // A Kubernetes object or another program's file can have `services` too: each of ours has an image or a build.
    const entries = entriesOf(services).filter(({ value: one }) => isService(one));
    if (entries.length === 0 || at(tree ?? undefined, "apiVersion") !== undefined) return [];
    if (isForDevelopers(source.file) || isOverride(source.file)) return [];
    const isStack =
      /(?:stack|swarm)/i.test(source.file) || entries.some(({ value: one }) => isDeployed(one));
    return entries
      .filter(({ value: one }) => !isOfDeveloper(one))
      .map((entry) => toService(source, entry, isStack));
  });
}

function isService(tree: Tree): boolean {
  return at(tree, "image") !== undefined || at(tree, "build") !== undefined;
}

/** `docker-compose.dev.yml` and the like are no deployments. */
function isForDevelopers(file: string): boolean {
  const words = file.toLowerCase().split(/[^a-z]+/);
  return [
    "dev",
    "devel",
    "development",
    "test",
    "tests",
    "testing",
    "e2e",
    "ci",
    "local",
    "devcontainer",
  ].some((word) => words.includes(word));
}

/** It is put on top of another file: what it lacks says nothing. */
function isOverride(file: string): boolean {
  return /override\.ya?ml$/i.test(file);
}

const SOURCES =
  /^(?:\.{1,2}|\$\{?PWD\}?|\.{1,2}\/(?:src|app|api|server|backend|frontend|client|web|packages|services))$/;

/** The program's own folder is mounted into it, or it says so: it runs on a developer's machine. */
function isOfDeveloper(tree: Tree): boolean {
  const volumes = itemsOf(at(tree, "volumes"));
  const context = (textOf(at(tree, "build")) ?? textOf(at(tree, "build", "context")) ?? "").replace(
    /\/$/,
    "",
  );
  const isMounted = volumes.some((volume) => {
    const from = (textOf(volume)?.split(":")[0] ?? textOf(at(volume, "source")) ?? "").replace(
      /\/$/,
      "",
    );
    return from !== "" && (from === context || SOURCES.test(from));
  });
  const mode = readEnvironment(at(tree, "environment")).get("NODE_ENV")?.value ?? "";
  const target = textOf(at(tree, "build", "target")) ?? "";
  return isMounted || mode.startsWith("dev") || isForDevelopers(target);
}

/** What Compose itself does not read, and Swarm does. */
function isDeployed(tree: Tree): boolean {
  return ["update_config", "rollback_config", "placement", "endpoint_mode"].some(
    (key) => at(tree, "deploy", key) !== undefined,
  );
}

function toService(source: Source, entry: Entry, isStack: boolean): ComposeService {
  const { key, keySpot, value: tree } = entry;
  const image = at(tree, "image");
  const imageName = textOf(image);
  const workload = createWorkload({
    platform: isStack ? "swarm" : "compose",
    kind: "service",
    name: key,
    spot: keySpot,
    whole: source.spot(keySpot.start, tree.spot.end),
    grant: graceOf(tree, entry),
    beforeSignal: usual("before the signal", 0, keySpot),
    signal: toValue(at(tree, "stop_signal"), "stop_signal"),
    signalled: "first",
    entrypoint: toCommand(at(tree, "entrypoint")),
    cmd: toCommand(at(tree, "command")),
    imageName:
      imageName === undefined || image === undefined ? null : given("image", imageName, image.spot),
    build: readBuild(source.file, at(tree, "build")),
    replicas: readReplicas(tree, keySpot),
    environment: readEnvironment(at(tree, "environment")),
    isServed: itemsOf(at(tree, "ports")).length > 0,
  });
  return { source, entry, workload, isStack };
}

function graceOf(tree: Tree, { keySpot }: Entry): Value<number> | null {
  const name = "stop_grace_period";
  const value = at(tree, name);
  if (value === undefined) {
    // What an `extends` brings is in another file.
    return at(tree, "extends") === undefined ? usual(name, GRACE, keySpot) : null;
  }
  const time = parseDuration(textOf(value) ?? "");
  return time === undefined ? null : given(name, time, value.spot);
}

function toValue(tree: Tree | undefined, name: string): Value<string> | null {
  if (tree?.kind !== "scalar" || tree.value === null) return null;
  return given(name, String(tree.value), tree.spot);
}

/** A text is split as a shell would split it, but no shell runs it. */
function toCommand(tree: Tree | undefined): Command | null {
  if (tree?.kind === "list") {
    const words = tree.items.map((item) => ({
      text: item.kind === "scalar" ? String(item.value) : "",
      spot: item.spot,
    }));
    return words.length === 0 ? null : { words, isShell: false, spot: tree.spot };
  }
  const text = textOf(tree);
  if (text === undefined || tree === undefined) return null;
  const words = parseShell(text).commands.flatMap((command) => command.words);
  return words.length === 0
    ? null
    : {
        words: words.map((word) => ({ text: word.text, spot: tree.spot })),
        isShell: false,
        spot: tree.spot,
      };
}

function readBuild(file: string, tree: Tree | undefined): Build | null {
  const folder = folderOf(file);
  const context =
    textOf(tree) ?? textOf(at(tree, "context")) ?? (tree?.kind === "mapping" ? "." : undefined);
  if (context === undefined || context.includes("$") || context.includes("://")) return null;
  const base = joinPaths(folder, context);
  const dockerfile = textOf(at(tree, "dockerfile")) ?? "Dockerfile";
  return {
    context: base,
    dockerfile: joinPaths(base, dockerfile),
    target: textOf(at(tree, "target")) ?? null,
  };
}

function readReplicas(tree: Tree, spot: Workload["spot"]): Value<number> | null {
  const found = at(tree, "deploy", "replicas") ?? at(tree, "scale");
  if (found === undefined) return usual("replicas", 1, spot);
  const count = numberOf(found);
  return count === undefined ? null : given("replicas", count, found.spot);
}

function readEnvironment(tree: Tree | undefined): ReadonlyMap<string, Value<string | null>> {
  const pairs = entriesOf(tree).map(({ key, value }) => {
    const text = value.kind === "scalar" && value.value !== null ? String(value.value) : null;
    return [key, given(key, text, value.spot)] as const;
  });
  const listed = itemsOf(tree).flatMap((item) => {
    const [name = "", ...rest] = (textOf(item) ?? "").split("=");
    return name === ""
      ? []
      : [[name, given(name, rest.length === 0 ? null : rest.join("="), item.spot)] as const];
  });
  return new Map([...pairs, ...listed]);
}

/** Compose and Swarm. */
export const COMPOSE: PlatformReader = {
  kinds: [YAML],
  listWorkloads: (project) => project.once(listServices).map(({ workload }) => workload),
};
