import { baseName } from "../../chain/names.js";
import { describeBase } from "../../model/bases.js";
import type { Workload } from "../../model/workload.js";
import type { Rule } from "../rule.js";
import { listTied } from "./containers.js";

const PROGRAMS = new Set(["sh", "bash", "ash", "sleep", "curl", "wget", "kill", "pkill"]);

/** `k8s/prestop-needs-binary` */
export const prestopNeedsBinary: Rule = {
  id: "k8s/prestop-needs-binary",
  severity: "error",
  title: "the preStop hook runs a program that its image does not have",
  cause:
    "The hook fails (FailedPreStopHook), and SIGTERM comes at once: the time that it was to win is not there, and new connections are refused.",
  next: "Write `preStop: { sleep: { seconds: 5 } }`, which needs nothing in the image.",
  *check(deployment) {
    for (const { workload, preStop } of listTied(deployment)) {
      const { image, imageName } = workload;
      const [word] = preStop.words;
      const base =
        image?.base ?? (imageName === null ? null : describeBase(imageName.value, imageName.spot));
      if (preStop.kind !== "exec" || word === undefined || base?.shell !== "none") continue;
      const name = baseName(word.text);
      const copied =
        image?.copies.some(({ to, from }) => baseName(to) === name || baseName(from) === name) ??
        false;
      if (!PROGRAMS.has(name) || copied || hasForeignCopies(workload)) continue;
      yield {
        spot: word.spot,
        what: `${workload.name}: the hook runs \`${name}\`, and ${base.name} has none`,
        related: [{ spot: base.spot, what: `the image, ${base.name}` }],
      };
    }
  },
};

/** An image that was made elsewhere may have been given the program. */
function hasForeignCopies({ image, imageName }: Workload): boolean {
  return image === null && !/distroless/.test(imageName?.value ?? "");
}
