import type { ShellLink } from "../../chain/link.js";
import type { Project } from "../../files/project.js";
import type { Edit, Fault, Rule } from "../rule.js";
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

/** `signal/shell-in-between` */
export const shellInBetween: Rule = {
  id: "signal/shell-in-between",
  severity: "error",
  title: "a shell stands between the platform and the program",
  cause:
    "The platform signals the shell, which tells no one: as process 1 it ignores SIGTERM, and everything is killed when the time is over; " +
    "as another process it dies of it, and leaves the program behind.",
  next: "Put `exec` before the last command, or write the exec form, which has no shell.",
  *check(deployment) {
    for (const started of listStarted(deployment)) {
      const { chain } = started;
      const link = findBlocker(started);
      if (link?.kind !== "shell" || link.form === "script") continue;
      if (!isServing(started) || findDevelopmentRunner(chain) !== undefined || isDetached(link))
        continue;
      yield judge(deployment.project, link, started);
    }
  },
};

/** That is another rule's. */
function isDetached({ script }: ShellLink): boolean {
  return script.commands.some(({ next }) => next === "&");
}

function judge(project: Project, link: ShellLink, { workload, chain }: Started): Fault {
  const inner = linksBehind(chain, link).find(({ kind }) => kind === "package-manager");
  const program =
    chain.program === null
      ? inner?.kind === "package-manager"
        ? sayManager(inner)
        : "the program"
      : sayProgram(chain.program);
  // With `exec` alone the package manager would be what is signalled.
  const edit = link.form === "file" || inner !== undefined ? undefined : findEdit(project, link);
  const isManaged = inner !== undefined && chain.program !== null;
  return {
    spot: link.spot,
    severity: link.stays === true ? "error" : "warning",
    what: `${workload.name}: ${sayForm(link)} keeps a shell before \`${program}\``,
    related: relateBase(workload),
    ...(isManaged
      ? { next: `Start \`${program}\` itself, with \`exec\` or in the exec form.` }
      : {}),
    ...(edit === undefined ? {} : { edit }),
  };
}

function sayForm({ form, name }: ShellLink): string {
  if (form === "shell form") return "the shell form";
  return form === "file" ? `the script, without \`exec\` at its end,` : `\`${name} -c\``;
}

/** `exec` before the last command, where the script stands in the file as it is run. */
function findEdit(project: Project, { spot, script }: ShellLink): Edit | undefined {
  const source = project.source(spot.file);
  const last = script.commands.at(-1);
  const first = last?.words[0];
  if (source === undefined || last === undefined || first === undefined || last.next !== null)
    return undefined;
  const text = source.at(spot);
  const isPlain = script.commands.every(({ words }) =>
    words.every((word) => text.slice(word.start, word.end).includes(word.text)),
  );
  if (!isPlain || text.slice(first.start, first.end) !== first.text) return undefined;
  return { spot: source.spot(spot.start + first.start), text: "exec " };
}
