import type { ManagerLink } from "../../chain/link.js";
import { packageFolderOf, readPackage } from "../../chain/surroundings.js";
import type { Project } from "../../files/project.js";
import { at, textOf } from "../../source/tree.js";
import type { Fault, Rule } from "../rule.js";
import {
  findBlocker,
  findDevelopmentRunner,
  isServing,
  linksBehind,
  listStarted,
  relateBase,
  sayManager,
  sayProgram,
  type Started,
} from "./started.js";

/** `signal/package-manager-in-between` */
export const packageManagerInBetween: Rule = {
  id: "signal/package-manager-in-between",
  severity: "error",
  title: "a package manager stands between the platform and the program",
  cause:
    "The platform signals the package manager. npm and pnpm pass SIGTERM on to the shell that runs the script, and that shell ends without telling Node; " +
    "yarn 1 does not wait, and some versions pass nothing on. The container ends, or the time runs out, with requests in flight.",
  next: "Start Node itself.",
  *check(deployment) {
    for (const started of listStarted(deployment)) {
      const { chain } = started;
      const link = findBlocker(started);
      if (link?.kind !== "package-manager" || findDevelopmentRunner(chain) !== undefined) continue;
      if (!isServing(started) || isHarmless(link, started)) continue;
      if (isYarn4(deployment.project, link, started)) continue;
      yield judge(link, started);
    }
  },
};

/** `"start": "exec node server.js"`: npm's shell is Node then, and npm waits for it. */
function isHarmless(link: ManagerLink, { chain }: Started): boolean {
  const [shell] = linksBehind(chain, link);
  const isReplaced = shell?.kind === "shell" && shell.script.commands.at(-1)?.isExec === true;
  return link.name === "npm" && isReplaced;
}

/** It has a shell of its own, passes SIGTERM on and waits: `scripts/managers.mjs` measures that. SIGINT it keeps to itself. */
function isYarn4(project: Project, link: ManagerLink, { workload }: Started): boolean {
  const folder = packageFolderOf(project, workload);
  if (link.name !== "yarn" || folder === null || workload.signal?.value === "SIGINT") return false;
  const folders = folder === "" ? [""] : [folder, ""];
  const pinned = folders.map((one) => textOf(at(readPackage(project, one), "packageManager")));
  return pinned.some((version) => /^yarn@(?:[4-9]|\d\d)\b/.test(version ?? ""));
}

function judge(link: ManagerLink, { workload, chain }: Started): Fault {
  const [shell] = linksBehind(chain, link);
  const isDash =
    shell?.kind === "shell" ? shell.shell === "dash" : workload.image?.base?.shell === "dash";
  const command = sayManager(link);
  const program = chain.program === null ? "" : ` stands before \`${sayProgram(chain.program)}\``;
  return {
    spot: link.spot,
    severity: isDash ? "error" : "warning",
    what: `${workload.name}: \`${command}\`${program || " is what the platform signals"}`,
    related: [
      ...(shell?.kind === "shell" ? [{ spot: shell.spot, what: "the script" }] : []),
      ...relateBase(workload),
    ],
    ...(chain.program === null
      ? {}
      : {
          next: `Start \`${sayProgram(chain.program)}\` itself: ${toExecForm(chain.program.words.map(({ text }) => text))}.`,
        }),
    prove: `lastcall prove -- ${command}`,
  };
}

function toExecForm(words: readonly string[]): string {
  return `\`[${words.map((word) => JSON.stringify(word)).join(", ")}]\``;
}
