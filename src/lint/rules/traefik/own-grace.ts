import type { Deployment } from "../../model/deployment.js";
import type { Workload } from "../../model/workload.js";
import { listLifeCycles, type LifeCycle } from "../../platforms/traefik/static.js";
import { parseTraefikTime } from "../../platforms/traefik/times.js";
import { given, sayTime, sayValue, type Value } from "../../source/value.js";
import { editNumber, writeTime } from "../edits.js";
import type { Fault, Rule } from "../rule.js";

const FINISHES = 10_000;

/** `traefik/own-grace` */
export const ownGrace: Rule = {
  id: "traefik/own-grace",
  severity: "warning",
  title: "Traefik itself is killed before it has let its requests finish",
  cause:
    "Traefik goes on accepting for `requestAcceptGraceTimeout`, and then waits `graceTimeOut` for what is in flight. The platform kills it before that is over: what is in flight through it is cut, whatever the services behind it do.",
  next: "Give Traefik's container the sum of both.",
  *check(deployment) {
    const own = deployment.workloads.filter(isTraefik);
    const [only] = own;
    for (const workload of own) yield* judge(workload, readArguments(workload));
    // A file is of the only Traefik that there is.
    if (own.length === 1 && only !== undefined) yield* judge(only, listWritten(deployment));
  },
};

function isTraefik({ imageName }: Workload): boolean {
  return /^(?:docker\.io\/)?(?:library\/)?traefik(?::|@|$)/.test(imageName?.value ?? "");
}

type Times = Pick<LifeCycle, "accepts" | "finishes">;

function listWritten({ project }: Deployment): readonly Times[] {
  return project.once(listLifeCycles);
}

/** `--entrypoints.web.transport.lifecycle.gracetimeout=30s` */
function readArguments({ cmd, entrypoint }: Workload): Times[] {
  const words = [...(entrypoint?.words ?? []), ...(cmd?.words ?? [])];
  const find = (name: string): Value<number> | null => {
    const pattern = new RegExp(`\\.lifecycle\\.${name}=(.+)$`, "i");
    const word = words.find(({ text }) => pattern.test(text));
    const time = parseTraefikTime(pattern.exec(word?.text ?? "")?.[1] ?? "");
    return word === undefined || time === undefined ? null : given(name, time, word.spot);
  };
  return [{ accepts: find("requestAcceptGraceTimeout"), finishes: find("graceTimeOut") }];
}

/** Only what is written: that Traefik's default and Compose's are both 10 s is no fault of anyone's. */
function* judge({ grant, name, platform }: Workload, all: readonly Times[]): Generator<Fault> {
  for (const { accepts, finishes } of all) {
    if (grant === null || (accepts === null && finishes === null)) continue;
    const sum = (accepts?.value ?? 0) + (finishes?.value ?? FINISHES);
    if (sum <= grant.value) continue;
    const parts = [
      ...(accepts === null ? [] : [sayValue(accepts)]),
      finishes === null ? `graceTimeOut ${sayTime(FINISHES)} (default)` : sayValue(finishes),
    ];
    const total = parts.length === 1 ? parts.join("") : `${parts.join(" + ")} = ${sayTime(sum)}`;
    yield {
      spot: grant.spot,
      what: `${name}: ${total} > ${sayValue(grant)}`,
      related: [accepts, finishes]
        .flatMap((value) => value ?? [])
        .map((value) => ({ spot: value.spot, what: sayValue(value) })),
      next: `Set ${grant.name} to ${writeTime(sum, platform)}.`,
      ...editNumber(grant, sum, platform),
    };
  }
}
