import type { ResolvedOptions } from "../options/resolve.js";
import { EFFECT_RULES, INSPECT_RULES, ROLLOUT_RULES, RULES } from "./catalogue.js";

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
  | "repeatSignal"
  | "effects"
  | "balancerKeepalive"
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
  "keepalive/short-timeout": ({ balancerKeepalive }) => balancerKeepalive !== null,
  "signal/repeat-cuts": ({ repeatSignal }) => repeatSignal !== null,
  "second-signal": ({ secondSignal }) => secondSignal !== null,
};

/** The ids of the findings that a run looks for: the others it could not see. */
export function listChecked(asked: Asked): string[] {
  const isRollout = asked.pointing.way === "rollout";
  const effects = asked.effects === null ? [] : EFFECT_RULES;
  if (isRollout) return [...ROLLOUT_RULES, ...effects].map(({ id }) => id);
  const rules = [...RULES, ...(asked.inspect ? INSPECT_RULES : []), ...effects];
  return rules
    .map(({ id }) => id)
    .filter((id) => (NEEDS[id] ?? NEEDS[id.split("/")[0] ?? ""])?.(asked) ?? true);
}
