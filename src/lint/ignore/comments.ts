import type { Project } from "../files/project.js";
import type { Workload } from "../model/workload.js";
import { PLATFORMS } from "../platforms/catalogue.js";
import type { Source } from "../source/source.js";
import type { Ignore } from "./wish.js";

const COMMENT =
  /(?:#|\/\/|;)[ \t]*lastcall-ignore[ \t]+([\w-]+\/[\w-]+)[ \t]*(?::[ \t]*([^\n]*))?/g;

/**
 * `# lastcall-ignore k8s/no-lag-window: the mesh drains`, behind a value or on the line above: in what deploys, in what
 * starts the programs, and in `files`, where something was found.
 */
export function readComments(
  project: Project,
  workloads: readonly Workload[],
  files: readonly string[],
): Ignore[] {
  const kinds = PLATFORMS.flatMap((platform) => platform.kinds);
  const entries = workloads.flatMap(({ application }) => application?.entry ?? []);
  const sources = new Set([
    ...kinds.flatMap((kind) => project.all(kind).map(({ source }) => source)),
    ...[...entries, ...files].flatMap((file) => project.source(file) ?? []),
  ]);
  return [...sources].flatMap((source) => readSource(source, workloads));
}

function readSource(source: Source, workloads: readonly Workload[]): Ignore[] {
  if (!source.text.includes("lastcall-ignore")) return [];
  return [...source.text.matchAll(COMMENT)].map((match) => {
    const spot = source.spot(match.index, match.index + match[0].trimEnd().length);
    const line = findLine(source, spot.line);
    // In front of a whole workload it holds for everything in it.
    const wholes = workloads.filter(
      ({ whole }) => whole.file === source.file && whole.line === line,
    );
    return {
      rule: match[1] ?? "",
      reason: (match[2] ?? "").trim(),
      spot,
      covers: ({ spot: at }) =>
        at.file === source.file &&
        (at.line === line ||
          wholes.some(({ whole }) => whole.start <= at.start && at.end <= whole.end)),
    };
  });
}

/** The line that a comment is about: its own, or the next one that is no comment and not empty. */
function findLine(source: Source, line: number): number {
  if (!isComment(source.line(line))) return line;
  let next = line + 1;
  while (next <= source.lines && isComment(source.line(next))) next += 1;
  return next;
}

function isComment(text: string): boolean {
  return /^\s*(?:#|\/\/|;|$)/.test(text);
}
