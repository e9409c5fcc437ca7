// heroku/: the processes of a Procfile, where the tree says that Heroku runs it.
import type { FileKind, Project } from "../../files/project.js";
import { createWorkload, type Workload } from "../../model/workload.js";
import { readProcfile, type ProcfileEntry } from "../../read/procfile.js";
import { usual } from "../../source/value.js";
import type { PlatformReader } from "../reader.js";

const GRACE = 30_000;

/** Procfiles. Foreman, Dokku and others read them too. */
const PROCFILE: FileKind<readonly ProcfileEntry[]> = {
  name: "Procfile",
  matches: (file) => /(?:^|\/)Procfile$/.test(file),
  read: readProcfile,
};

/** Heroku. */
export const HEROKU: PlatformReader = {
  kinds: [PROCFILE],
  listWorkloads: (project: Project) => {
    const isHeroku = ["app.json", "heroku.yml", ".slugignore"].some((file) => project.has(file));
    if (!isHeroku) return [];
    return project
      .all(PROCFILE)
      .filter(({ source }) => source.file === "Procfile")
      .flatMap(({ value }) => value.filter(({ name }) => name !== "release").map(toWorkload));
  },
};

function toWorkload({ name, nameSpot, command, commandSpot }: ProcfileEntry): Workload {
  return createWorkload({
    platform: "heroku",
    kind: "process",
    name,
    spot: nameSpot,
    whole: { ...nameSpot, end: commandSpot.end },
    grant: usual("Heroku's time", GRACE, nameSpot),
    beforeSignal: usual("before the signal", 0, nameSpot),
    signal: usual("Heroku's signal", "SIGTERM", nameSpot),
    signalled: "all",
    command: { words: [{ text: command, spot: commandSpot }], isShell: true, spot: commandSpot },
    isServed: name === "web",
  });
}
