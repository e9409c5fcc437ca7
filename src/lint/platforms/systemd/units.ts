import type { Project } from "../../files/project.js";
import type { SystemdEntry } from "../../read/systemd.js";
import type { Source, Spot } from "../../source/source.js";
import { isForDevelopment } from "../docker/dockerfiles.js";
import { UNIT_FILE } from "./file.js";

/** A unit with its drop-ins. */
export interface Unit {
  /** `shop.service`. */
  readonly name: string;
  /** Of `[Service]`. */
  readonly spot: Spot;
  readonly whole: Spot;
  /** Every setting of `[Service]` by that name that an empty one does not take back. */
  readonly all: (key: string) => readonly SystemdEntry[];
  /** The one that counts. */
  readonly last: (key: string) => SystemdEntry | undefined;
  /** The same for keys that set the same. */
  readonly lastOf: (...keys: readonly string[]) => SystemdEntry | undefined;
  readonly sourceOf: (entry: SystemdEntry) => Source;
}

/** Every unit of the project that is not a drop-in. */
export function listUnits(project: Project): readonly Unit[] {
  const files = project.all(UNIT_FILE);
  return files
    .filter(
      ({ source, value }) =>
        source.file.endsWith(".service") && hasStart(value) && !isForDevelopment(source.file),
    )
    .map(({ source, value }) => {
      const dropIns = files
        .filter((file) => folderOf(file.source.file) === `${source.file}.d`)
        .toSorted((a, b) => (a.source.file < b.source.file ? -1 : 1));
      const sources = new Map(
        [source, ...dropIns.map((file) => file.source)].map((one) => [one.file, one]),
      );
      return toUnit(source, [...value, ...dropIns.flatMap((file) => file.value)], sources);
    });
}

function hasStart(entries: readonly SystemdEntry[]): boolean {
  return entries.some(({ section, key }) => section === "Service" && key === "ExecStart");
}

function folderOf(file: string): string {
  return file.slice(0, file.lastIndexOf("/"));
}

function toUnit(
  source: Source,
  entries: readonly SystemdEntry[],
  sources: ReadonlyMap<string, Source>,
): Unit {
  const own = entries.filter(({ section }) => section === "Service");
  const lastOf = (...keys: readonly string[]): SystemdEntry | undefined => {
    const last = own.findLast(({ key }) => keys.includes(key));
    return last?.value === "" ? undefined : last;
  };
  const heading = /^\[Service\]/m.exec(source.text)?.index ?? 0;
  return {
    name: source.file.slice(source.file.lastIndexOf("/") + 1),
    spot: source.spot(heading, heading + "[Service]".length),
    whole: source.spot(0, source.text.length),
    all: (name) => {
      const named = own.filter(({ key }) => key === name);
      return named.slice(named.findLastIndex(({ value }) => value === "") + 1);
    },
    last: (key) => lastOf(key),
    lastOf,
    sourceOf: ({ spot }) => sources.get(spot.file) ?? source,
  };
}
