import { YAML } from "../../files/kinds.js";
import type { Project } from "../../files/project.js";
import type { Spot } from "../../source/source.js";
import { at, entriesOf, entryOf, type Entry, type Tree } from "../../source/tree.js";
import type { Value } from "../../source/value.js";
import { TRAEFIK_TOML } from "./file.js";
import { toTime } from "./times.js";

const IDLE = 90_000;

/** How Traefik itself stops, at one entry point: each is null where it is not written. */
export interface LifeCycle {
  readonly entryPoint: string;
  readonly spot: Spot;
  readonly accepts: Value<number> | null;
  readonly finishes: Value<number> | null;
}

/** Every static configuration's entry points that say how they end. */
export function listLifeCycles(project: Project): readonly LifeCycle[] {
  return listTrees(project).flatMap((tree) =>
    entriesOf(at(tree, "entryPoints")).flatMap(({ key, value }) => {
      const lifeCycle = entryOf(at(value, "transport"), "lifeCycle");
      if (lifeCycle === undefined) return [];
      return [
        {
          entryPoint: key,
          spot: lifeCycle.keySpot,
          accepts: timeOf(lifeCycle, "requestAcceptGraceTimeout"),
          finishes: timeOf(lifeCycle, "graceTimeOut"),
        },
      ];
    }),
  );
}

function timeOf({ value }: Entry, name: string): Value<number> | null {
  const entry = entriesOf(value).find(({ key }) => key.toLowerCase() === name.toLowerCase());
  return entry === undefined ? null : toTime(name, entry.value);
}

/** How long it keeps idle connections to servers, in milliseconds; null where a configuration of the project says so. */
export function readIdleTimeout(project: Project): number | null {
  const isSet = [...project.all(YAML), ...project.all(TRAEFIK_TOML)].some(({ source }) =>
    /idleConnTimeout/i.test(source.text),
  );
  return isSet ? null : IDLE;
}

function listTrees(project: Project): Tree[] {
  return [
    ...project.all(YAML).flatMap(({ value }) => value.flatMap(({ tree }) => tree ?? [])),
    ...project.all(TRAEFIK_TOML).map(({ value }) => value),
  ];
}
