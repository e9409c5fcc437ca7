// pm2/: the programs of PM2's ecosystem files, which are read and never run.
import type { FileKind, Project } from "../../files/project.js";
import type { Command, Word } from "../../model/command.js";
import { createWorkload, type Workload } from "../../model/workload.js";
import { evaluate } from "../../read/javascript/evaluate.js";
import { readProgram } from "../../read/javascript/program.js";
import { readJavaScript } from "../../read/javascript/read.js";
import { parseShell } from "../../read/shell/parse.js";
import type { Read, Source } from "../../source/source.js";
import {
  at,
  entriesOf,
  entryOf,
  flagOf,
  itemsOf,
  numberOf,
  textOf,
  type Mapping,
  type Tree,
} from "../../source/tree.js";
import { given, usual, type Value } from "../../source/value.js";
import { folderOf, joinPaths } from "../../source/paths.js";
import { isForDevelopment } from "../docker/dockerfiles.js";
import { findProgram } from "../program.js";
import type { PlatformReader } from "../reader.js";

const KILL_TIMEOUT = 1_600;

/** Ecosystem files, by the names that PM2 itself and its documentation use. */
const ECOSYSTEM: FileKind<Tree | null> = {
  name: "PM2 ecosystem file",
  matches: (file) =>
    /(?:^|\/)(?:ecosystem[\w.-]*|pm2[\w.-]*|process(?:es)?)\.(?:config\.)?(?:json|[cm]?js|ts)$/.test(
      file,
    ),
  looksRight: (text) => /\bapps\b/.test(text) && /\bscript\b/.test(text),
  read: (source) => (source.file.endsWith(".json") ? readLiteral(source) : readModule(source)),
};

/** PM2. */
export const PM2: PlatformReader = {
  kinds: [ECOSYSTEM],
  listWorkloads: (project: Project) => project.once(listApps).map(({ workload }) => workload),
};

/** A program of an ecosystem file. */
export interface Pm2App {
  readonly source: Source;
  readonly tree: Mapping;
  readonly workload: Workload;
}

/** PM2 takes JSON for an expression of JavaScript: names need no quotes, and comments may stand in it. */
function readLiteral(source: Source): Read<Tree | null> {
  return { value: evaluate(readProgram(source), 0), problems: [] };
}

function readModule(source: Source): Read<Tree | null> {
  const { value, problems } = readJavaScript(source);
  const exported = value.assignments.findLast(({ target }) =>
    ["module.exports", "export default", "exports.default"].includes(target),
  );
  return { value: exported?.value ?? null, problems };
}

/** Every program whose settings are all literals: those of others may be anything. */
export function listApps(project: Project): readonly Pm2App[] {
  return project.all(ECOSYSTEM).flatMap(({ source, value }) => {
    if (isForDevelopment(source.file)) return [];
    const apps = at(value ?? undefined, "apps") ?? value;
    const all = apps?.kind === "mapping" ? [apps] : itemsOf(apps ?? undefined);
    return all.flatMap((tree) => {
      const isApp = tree.kind === "mapping" && at(tree, "script") !== undefined;
      // What starts again at every change is a developer's.
      const watch = at(tree, "watch");
      const isWatching = watch !== undefined && flagOf(watch) !== false;
      return isApp && !isWatching && !isOpen(tree)
        ? [{ source, tree, workload: toWorkload(project, source, tree) }]
        : [];
    });
  });
}

/** Whether something is spread into it that is not known. */
function isOpen(tree: Mapping): boolean {
  return entriesOf(tree).some(({ key }) => key === "...");
}

function toWorkload(project: Project, source: Source, tree: Mapping): Workload {
  const name = entryOf(tree, "name") ?? entryOf(tree, "script");
  const spot = name?.value.spot ?? tree.spot;
  const command = readCommand(source, tree);
  const environment = readEnvironment(tree);
  const folder = joinPaths(folderOf(source.file), textOf(at(tree, "cwd")) ?? "");
  return createWorkload({
    platform: "pm2",
    kind: "app",
    name: textOf(name?.value) ?? "app",
    spot,
    whole: tree.spot,
    grant: readGrant(tree, spot),
    beforeSignal: usual("before the signal", 0, spot),
    signal: isToldByMessage(tree) ? null : usual("PM2_KILL_SIGNAL", "SIGINT", spot),
    signalled: flagOf(at(tree, "treekill")) === false ? "first" : "all",
    command,
    replicas: readReplicas(tree, spot),
    environment,
    application: findProgram(project, folder, command, environment),
  });
}

function isToldByMessage(tree: Mapping): boolean {
  const written = at(tree, "shutdown_with_message");
  return written !== undefined && flagOf(written) !== false;
}

function readGrant(tree: Mapping, spot: Workload["spot"]): Value<number> | null {
  const written = at(tree, "kill_timeout");
  if (written === undefined) return usual("kill_timeout", KILL_TIMEOUT, spot);
  const time = numberOf(written);
  return time === undefined ? null : given("kill_timeout", time, written.spot);
}

/** What is run by an interpreter of its own is not followed. */
function readCommand(source: Source, tree: Mapping): Command | null {
  const script = at(tree, "script");
  const text = textOf(script);
  const interpreter = textOf(at(tree, "interpreter")) ?? "";
  if (script === undefined || text === undefined || !["", "node"].includes(interpreter))
    return null;
  const first = { text, spot: script.spot };
  // Other extensions have interpreters of their own.
  if (/\.(?!(?:[cm]?[jt]s)$)[a-z]\w*$/.test(text.split("/").at(-1) ?? "")) return null;
  const isFile = /\.(?:[cm]?[jt]s)$/.test(text) || interpreter === "node";
  const words = isFile
    ? [{ text: "node", spot: script.spot }, ...readWords(at(tree, "node_args")), first]
    : [
        ...splitWords(text, source.spot(script.spot.start, script.spot.end)),
        ...readWords(at(tree, "args")),
      ];
  return { words, isShell: false, spot: script.spot };
}

function readWords(tree: Tree | undefined): Word[] {
  const text = textOf(tree);
  if (text !== undefined && tree !== undefined) return splitWords(text, tree.spot);
  return itemsOf(tree).map((item) => ({ text: textOf(item) ?? "$", spot: item.spot }));
}

function splitWords(text: string, spot: Word["spot"]): Word[] {
  return parseShell(text).commands.flatMap(({ words }) =>
    words.map((word) => ({ text: word.text, spot })),
  );
}

function readReplicas(tree: Mapping, spot: Workload["spot"]): Value<number> | null {
  const written = at(tree, "instances");
  if (written === undefined) return usual("instances", 1, spot);
  const count = numberOf(written);
  return count === undefined || count < 1 ? null : given("instances", count, written.spot);
}

function readEnvironment(tree: Mapping): ReadonlyMap<string, Value<string | null>> {
  return new Map(
    entriesOf(at(tree, "env")).map(({ key, value }) => {
      const text = value.kind === "scalar" && value.value !== null ? String(value.value) : null;
      return [key, given(key, text, value.spot)] as const;
    }),
  );
}
