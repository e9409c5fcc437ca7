import type { ResolvedOptions } from "../options.js";
import { INSPECT_RULES, RULES } from "./catalogue.js";

type Asked = Pick<
  ResolvedOptions,
  | "pointing"
  | "inspect"
  | "uploads"
  | "expecting"
  | "pipelined"
  | "stalled"
  | "websockets"
  | "h2"
  | "readiness"
  | "liveness"
  | "secondSignal"
>;

/** What has to be asked for before the findings of a group, or one of them, can be seen. */
const NEEDS: Readonly<Record<string, (asked: Asked) => boolean>> = {
  upload: ({ uploads }) => uploads.length > 0,
  expect: ({ expecting }) => expecting.length > 0,
  pipeline: ({ pipelined }) => pipelined.length > 0,
  reader: ({ stalled }) => stalled.length > 0,
  websocket: ({ websockets }) => websockets.length > 0,
  http2: ({ h2 }) => h2.length > 0,
  readiness: ({ readiness }) => readiness !== null,
  probe: ({ liveness }) => liveness !== null,
  "second-signal": ({ secondSignal }) => secondSignal !== null,
};

/** The ids of the findings that a run looks for: the others it could not see. */
export function listChecked(asked: Asked): string[] {
  const isRollout = asked.pointing.way === "rollout";
  const rules = [...RULES, ...(asked.inspect ? INSPECT_RULES : [])];
  return rules
    .map(({ id }) => id)
    .filter((id) => {
      const group = id.split("/")[0] ?? "";
      return isRollout === (group === "rollout") && (NEEDS[group]?.(asked) ?? true);
    });
}

/** The titles of all findings there are, by id. */
export function listTitles(): ReadonlyMap<string, string> {
  return new Map([...RULES, ...INSPECT_RULES].map(({ id, title }) => [id, title]));
}
