// fly/: the machines of a Fly app, from its fly.toml.
import type { FileKind, Project } from "../../files/project.js";
import { createWorkload, type Build, type Workload } from "../../model/workload.js";
import { readToml } from "../../read/toml/toml.js";
import { parseDuration } from "../../source/duration.js";
import { folderOf, joinPaths } from "../../source/paths.js";
import type { Source } from "../../source/source.js";
import {
  at,
  entriesOf,
  entryOf,
  itemsOf,
  numberOf,
  textOf,
  type Mapping,
} from "../../source/tree.js";
import { given, usual, type Value } from "../../source/value.js";
import { isForDevelopment } from "../docker/dockerfiles.js";
import type { PlatformReader } from "../reader.js";

const KILL_TIMEOUT = 5_000;

/** `fly.toml`, and `fly.staging.toml`. */
const FLY_FILE: FileKind<Mapping> = {
  name: "fly.toml",
  matches: (file) => /(?:^|\/)fly(?:[.-][\w.-]+)?\.toml$/.test(file),
  looksRight: (text) =>
    /^[ \t]*(?:app|\[build\]|\[http_service\]|\[\[services\]\]|primary_region)\b/m.test(text) ||
    text.includes("[http_service]") ||
    text.includes("[[services]]"),
  read: readToml,
};

/** Fly. */
export const FLY: PlatformReader = {
  kinds: [FLY_FILE],
  listWorkloads: (project: Project) => project.once(listFlyApps),
};

/** The app of each fly.toml. */
function listFlyApps(project: Project): readonly Workload[] {
  const files = project.all(FLY_FILE).filter(({ source }) => !isForDevelopment(source.file));
  return files.map(({ source, value }) => toWorkload(project, source, value));
}

function toWorkload(project: Project, source: Source, tree: Mapping): Workload {
  const app = entryOf(tree, "app");
  const spot = app?.value.spot ?? source.spot(0, 0);
  const image = at(tree, "build", "image");
  const imageName = textOf(image);
  return createWorkload({
    platform: "fly",
    kind: "app",
    name: textOf(app?.value) ?? "app",
    spot,
    whole: source.spot(0, source.text.length),
    grant: readGrant(tree, spot),
    beforeSignal: usual("before the signal", 0, spot),
    signal: readSignal(tree, spot),
    signalled: "first",
    imageName:
      image === undefined || imageName === undefined ? null : given("image", imageName, image.spot),
    isServed: at(tree, "http_service") !== undefined || itemsOf(at(tree, "services")).length > 0,
    build: readBuild(project, source, tree),
    environment: readEnvironment(tree),
  });
}

/** A number of seconds, or a time with its unit. */
function readGrant(tree: Mapping, spot: Workload["spot"]): Value<number> | null {
  const written = at(tree, "kill_timeout");
  if (written === undefined) return usual("kill_timeout", KILL_TIMEOUT, spot);
  const seconds = numberOf(written);
  const time = seconds === undefined ? parseDuration(textOf(written) ?? "") : seconds * 1_000;
  return time === undefined ? null : given("kill_timeout", time, written.spot);
}

function readSignal(tree: Mapping, spot: Workload["spot"]): Value<string> | null {
  const written = at(tree, "kill_signal");
  if (written === undefined) return usual("kill_signal", "SIGINT", spot);
  const signal = textOf(written);
  return signal === undefined ? null : given("kill_signal", signal, written.spot);
}

function readBuild(project: Project, { file }: Source, tree: Mapping): Build | null {
  const context = folderOf(file);
  const dockerfile = joinPaths(context, textOf(at(tree, "build", "dockerfile")) ?? "Dockerfile");
  if (at(tree, "build", "image") !== undefined || !project.has(dockerfile)) return null;
  return { context, dockerfile, target: textOf(at(tree, "build", "build-target")) ?? null };
}

function readEnvironment(tree: Mapping): ReadonlyMap<string, Value<string | null>> {
  return new Map(
    entriesOf(at(tree, "env")).map(({ key, value }) => {
      const text = value.kind === "scalar" ? String(value.value) : null;
      return [key, given(key, text, value.spot)] as const;
    }),
  );
}
