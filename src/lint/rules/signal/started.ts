import type { Chain, Link, ManagerLink, Program, ShellLink } from "../../chain/link.js";
import { DEVELOPMENT_RUNNERS, SERVERS } from "../../chain/names.js";
import { chainOf } from "../../chain/surroundings.js";
import type { Deployment } from "../../model/deployment.js";
import type { Workload } from "../../model/workload.js";
import { isForDevelopment } from "../../platforms/docker/dockerfiles.js";
import type { Related } from "../rule.js";

/** A workload, and the processes from the platform to its program. */
export interface Started {
  readonly workload: Workload;
  readonly chain: Chain;
}

/** Every workload whose chain is known, without those of developers' machines. */
export function listStarted({ project, workloads }: Deployment): readonly Started[] {
  return workloads.flatMap((workload) => {
    const { image, environment } = workload;
    if (image !== null && isForDevelopment(image.file, stageOf(workload))) return [];
    const mode =
      environment.get("NODE_ENV")?.value ?? image?.environment.get("NODE_ENV")?.value ?? "";
    if (/^(?:dev|test)/.test(mode)) return [];
    const chain = chainOf(project, workload);
    return chain === null ? [] : [{ workload, chain }];
  });
}

/** The stage that is asked for. Where none is, the last one is what runs, and may be called after what it builds. */
function stageOf({ image, build }: Workload): string | null {
  const stage = image?.stage ?? null;
  return (build?.target ?? null) === null
    ? (stage?.replace(/\bbuild(?:er)?\b/gi, "") ?? null)
    : stage;
}

/** The outermost process that keeps the signal from the program; undefined where nothing does. */
export function findBlocker({ workload, chain }: Started): ShellLink | ManagerLink | undefined {
  if (workload.signalled === "all") return undefined;
  for (const link of chain.links) {
    if (link.kind === "init" && link.signals === "group") return undefined;
    if (link.kind === "runner") return undefined;
    if (link.kind === "package-manager") return link;
    if (link.kind === "shell" && link.stays !== false) return link;
  }
  return undefined;
}

/** What follows a link of the chain. */
export function linksBehind({ links }: Chain, link: Link): readonly Link[] {
  return links.slice(links.indexOf(link) + 1);
}

/** Whether the chain ends in what serves, as far as it is known. */
export function isServing({ workload, chain: { links, program } }: Started): boolean {
  if (program !== null) return SERVERS.has(program.name) && !isJob(workload);
  const last = links.at(-1);
  return last?.kind === "package-manager" && last.script !== null && STARTS.test(last.script);
}

/** All of it was read, and it listens on no port: it runs to its end. */
function isJob({ application }: Workload): boolean {
  return (
    application !== null &&
    application.isComplete &&
    application.listens === null &&
    application.packages.size === 0
  );
}

/** Names of scripts that start a server, where what they do is not seen. */
const STARTS = /^(?:start|serve|server|prod|production)(?:$|[:_-])/;

/** The runner of the chain that is for developers. */
export function findDevelopmentRunner({ links }: Chain): Link | undefined {
  return links.find(
    (link) =>
      link.kind === "runner" &&
      (DEVELOPMENT_RUNNERS.has(link.name) ||
        ["next", "nuxt", "astro", "remix", "nest", "tsx", "node"].includes(link.name)),
  );
}

/** `node server.js` */
export function sayProgram({ words }: Program): string {
  return words.map(({ text }) => text).join(" ");
}

/** `npm start`, `npm run serve` */
export function sayManager({ name, script }: ManagerLink): string {
  if (script === null) return name;
  return `${name} ${script === "start" ? "start" : `run ${script}`}`;
}

/** Where the base image is named, for those whose shell matters. */
export function relateBase({ image, imageName }: Workload): Related[] {
  const base = image?.base ?? null;
  if (base !== null) return [{ spot: base.spot, what: `the base image, ${base.name}:${base.tag}` }];
  return imageName === null
    ? []
    : [{ spot: imageName.spot, what: `the image, ${imageName.value}` }];
}
