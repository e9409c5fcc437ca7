import type { Project } from "../../files/project.js";
import type { HaproxyLine, HaproxySection } from "../../read/haproxy.js";
import type { Source } from "../../source/source.js";
import { isForDevelopment } from "../docker/dockerfiles.js";
import { HAPROXY_FILE } from "./file.js";
import { isChecked, readServer, type HaproxyServer } from "./servers.js";

/** A backend, or a listener with servers. */
export interface ServerGroup {
  readonly source: Source;
  readonly section: HaproxySection;
  /** Every section of its file. */
  readonly sections: readonly HaproxySection[];
  readonly mode: string;
  readonly servers: readonly HaproxyServer[];
  /** The lines that begin so, those of its defaults first. */
  readonly linesOf: (keyword: string) => readonly HaproxyLine[];
  /** The line that sets an option; undefined where none does, or a later one takes it back. */
  readonly option: (name: string) => HaproxyLine | undefined;
}

/** Every group of servers of the project whose configuration holds without conditions. */
export function listGroups(project: Project): readonly ServerGroup[] {
  return project.all(HAPROXY_FILE).flatMap(({ source, value }) => {
    if (value.isConditional || isForDevelopment(source.file)) return [];
    return value.sections
      .filter(({ kind }) => kind === "backend" || kind === "listen")
      .map((section) => toGroup(source, section, value.sections));
  });
}

function toGroup(
  source: Source,
  section: HaproxySection,
  sections: readonly HaproxySection[],
): ServerGroup {
  const lines = linesWithDefaults(section);
  const linesOf = (keyword: string): HaproxyLine[] =>
    lines.filter(({ words }) => words[0]?.text === keyword);
  return {
    source,
    section,
    sections,
    mode: linesOf("mode").at(-1)?.words[1]?.text ?? "tcp",
    servers: readServers(lines, source),
    linesOf,
    option: (name) => findOption(lines, name),
  };
}

// Defaults of defaults go on; a file that names its own is refused by HAProxy, and ends here.
const DEPTH = 10;

function linesWithDefaults(section: HaproxySection, depth = 0): readonly HaproxyLine[] {
  const { defaults, lines } = section;
  if (defaults === null || depth > DEPTH) return lines;
  return [...linesWithDefaults(defaults, depth + 1), ...lines];
}

/** A `default-server` holds for the servers behind it. */
function readServers(lines: readonly HaproxyLine[], source: Source): HaproxyServer[] {
  let defaults: HaproxyLine["words"][] = [];
  return lines.flatMap((line) => {
    const keyword = line.words[0]?.text;
    if (keyword === "default-server") defaults = [line.words.slice(1), ...defaults];
    if (keyword !== "server" && keyword !== "server-template") return [];
    return readServer(line, source, defaults) ?? [];
  });
}

function findOption(lines: readonly HaproxyLine[], name: string): HaproxyLine | undefined {
  const found = lines.findLast(({ words }) => {
    const texts = words.map(({ text }) => text);
    const at = texts[0] === "no" ? 1 : 0;
    return texts[at] === "option" && texts[at + 1] === name;
  });
  return found?.words[0]?.text === "no" ? undefined : found;
}

/** Whether the servers are asked over HTTP, so that a 503 counts. */
export function isHttpChecked(group: ServerGroup): boolean {
  return (
    group.mode === "http" &&
    group.option("httpchk") !== undefined &&
    group.servers.length > 0 &&
    group.servers.every(isChecked)
  );
}

/** Whether something else than this file says which servers there are, or how they are: an agent, DNS, another group. */
export function isSteered({ servers }: ServerGroup): boolean {
  return servers.some(
    ({ count, settings }) =>
      count === null ||
      settings.some((words) =>
        words.some(({ text }) => ["agent-check", "resolvers", "track", "disabled"].includes(text)),
      ),
  );
}
