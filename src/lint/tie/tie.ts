// tie/: what belongs together: a workload, its image, its program, and what sends it requests. Where that is not certain,
// nothing is tied.
import { readApplication } from "../application/application.js";
import { resolveEntry } from "../application/resolve.js";
import type { Chain, Program } from "../chain/link.js";
import { readNodeWords } from "../chain/node.js";
import { chainOf, packageFolderOf, readPackage } from "../chain/surroundings.js";
import type { Project } from "../files/project.js";
import type { Application } from "../model/application.js";
import type { Balancer } from "../model/balancer.js";
import type { Deployment } from "../model/deployment.js";
import { listCopied } from "../model/copied.js";
import type { Image } from "../model/image.js";
import { createWorkload, type Build, type Workload } from "../model/workload.js";
import { PLATFORMS } from "../platforms/catalogue.js";
import { folderOf } from "../source/paths.js";
import { at, textOf } from "../source/tree.js";
import { join, readImage } from "../platforms/docker/images.js";
import {
  findBuild,
  isOwnImage,
  isProduct,
  listComposeBuilds,
  listDockerfiles,
  shortName,
  toBuild,
} from "./image-names.js";
import { findOnlyCall, listCallers, readCaller } from "./lastcall-calls.js";

/** Ties a project's parts together. `app` is the folder of the program, where the caller says it. */
export function tieDeployment(project: Project, app: string | null): Deployment {
  const found = PLATFORMS.flatMap(({ listWorkloads }) => listWorkloads?.(project) ?? []);
  const known = know(found);
  const withImages = found.map((workload) => tieImage(project, workload, known));
  const lone = listLoneImages(project, withImages);
  const all = [...withImages, ...lone];
  const workloads = all.map((workload) => tieApplication(project, workload, known, app));
  const listed = PLATFORMS.flatMap(({ listBalancers }) => listBalancers?.(project) ?? []);
  const balancers = listed.map((balancer) => tieBalancer(balancer, workloads));
  const byWorkload = new Map<Workload, Balancer[]>();
  for (const balancer of balancers) {
    for (const one of balancer.workloads)
      byWorkload.set(one, [...(byWorkload.get(one) ?? []), balancer]);
  }
  for (const [workload, several] of byWorkload)
    byWorkload.set(workload, keepNearest(workload, several));
  return {
    project,
    workloads,
    balancers,
    images: workloads.flatMap(({ image }) => image ?? []),
    applications: workloads.flatMap(({ application }) => application ?? []),
    balancersOf: (workload) => byWorkload.get(workload) ?? [],
  };
}

/** What is true of all workloads together: asked once, as there may be thousands. */
interface Known {
  /** What Compose's services say about how images are built. */
  readonly builds: ReadonlyMap<string, Build>;
  /** The names of images that may be made from the tree. */
  readonly images: ReadonlySet<string>;
  /** The workload that runs what is in the tree, where only one may. */
  readonly only: Workload | undefined;
}

function know(all: readonly Workload[]): Known {
  const own = all.filter(({ imageName }) => imageName === null || isOwnImage(imageName.value));
  const named = own.flatMap(({ imageName }) =>
    imageName === null ? [] : shortName(imageName.value),
  );
  const builds = listComposeBuilds(all).map(({ name, build }) => [name, build] as const);
  return {
    builds: new Map(builds.toReversed()),
    images: new Set(named),
    only: own.length === 1 ? own[0] : undefined,
  };
}

function tieImage(project: Project, workload: Workload, known: Known): Workload {
  const build = workload.build ?? findBuildOf(project, workload, known);
  const image =
    build === undefined
      ? undefined
      : readImage(
          project,
          build.dockerfile,
          build.target,
          workload.build === null ? null : build.context,
        );
  return withCommand({ ...workload, image: image ?? null });
}

function findBuildOf(
  project: Project,
  { imageName }: Workload,
  { builds, images }: Known,
): Build | undefined {
  if (imageName === null || !isOwnImage(imageName.value)) return undefined;
  const named = findBuild(project, imageName.value) ?? builds.get(shortName(imageName.value));
  if (named !== undefined) return named;
  if (isForeignProduct(project, imageName.value)) return undefined;
  // The only image that is built here is that of the only workload that is not another's.
  const dockerfiles = project.once(listDockerfiles);
  return dockerfiles.length === 1 && images.size === 1 ? toBuild(dockerfiles[0]) : undefined;
}

/** jenkins/jenkins is named after a product, which is made elsewhere unless the tree is that product's. */
function isForeignProduct(project: Project, image: string): boolean {
  return isProduct(image) && textOf(at(readPackage(project, ""), "name")) !== shortName(image);
}

/** ENTRYPOINT and CMD as they are in the end. A platform's ENTRYPOINT forgets the image's CMD. */
function withCommand(workload: Workload): Workload {
  const { image, entrypoint, cmd } = workload;
  if (workload.command !== null) return workload;
  const isKnown =
    image !== null || entrypoint !== null || (cmd !== null && isTransparent(workload));
  if (!isKnown) return workload;
  const command = join(
    entrypoint ?? image?.entrypoint ?? null,
    cmd ?? (entrypoint === null ? (image?.cmd ?? null) : null),
  );
  return { ...workload, command };
}

/** The official images of Node have an ENTRYPOINT that runs what it is given. */
function isTransparent({ imageName }: Workload): boolean {
  return /^(?:docker\.io\/)?(?:library\/)?node(?::|@|$)/.test(imageName?.value ?? "");
}

/** Images that nothing else of the project uses: how they are started is seen anyway. */
function listLoneImages(project: Project, workloads: readonly Workload[]): readonly Workload[] {
  const used = new Set(
    workloads.flatMap(({ image, build }) => [image?.file ?? "", build?.dockerfile ?? ""]),
  );
  return project
    .once(listDockerfiles)
    .filter((file) => !used.has(file))
    .flatMap((file) => {
      const image = readImage(project, file, null, null);
      return image === undefined ? [] : [toWorkload(image)];
    });
}

function toWorkload(image: Image): Workload {
  const { file, spot } = image;
  return withCommand(
    createWorkload({ platform: "docker", kind: "image", name: file, spot, whole: spot, image }),
  );
}

function tieApplication(
  project: Project,
  workload: Workload,
  known: Known,
  app: string | null,
): Workload {
  if (workload.application !== null) return workload;
  const application = findApplication(project, workload, known, app);
  return { ...workload, application: application ?? null };
}

function findApplication(
  project: Project,
  workload: Workload,
  known: Known,
  app: string | null,
): Application | undefined {
  const chain = chainOf(project, workload);
  const program = chain?.program ?? null;
  const folder =
    app ?? packageFolderOf(project, workload) ?? folderWithout(project, workload, program);
  if (folder !== null) return readProgram(project, workload, folder, chain);
  if (program !== null && !isNode(program)) return undefined;
  return isOnly(workload, known) ? readOnlyCaller(project, workload) : undefined;
}

/** An image's own folder, where the file that Node is started with stands in it: not each program has a package.json. */
function folderWithout(
  project: Project,
  { image }: Workload,
  program: Program | null,
): string | null {
  if (image === null || program === null || program.entry === null) return null;
  const folder = image.context ?? image.file.split("/").slice(0, -1).join("/");
  return findEntry(project, folder, program, image) === null ? null : folder;
}

function isNode({ name }: Program): boolean {
  return ["node", "tsx", "ts-node"].includes(name);
}

function readProgram(
  project: Project,
  workload: Workload,
  folder: string,
  chain: Chain | null,
): Application | undefined {
  const program = chain?.program ?? null;
  if (program !== null && !isNode(program)) return undefined;
  const preloads = program === null ? [] : readNodeWords(program.words.slice(1)).preloads;
  const entry = program === null ? null : findEntry(project, folder, program, workload.image);
  const environment = new Map([...(workload.image?.environment ?? []), ...workload.environment]);
  const options = environment.get("NODE_OPTIONS");
  const fromOptions =
    /--import[= ]lastcall\/auto\b/.test(options?.value ?? "") && options !== undefined
      ? [{ text: "lastcall/auto", spot: options.spot }]
      : [];
  const start = { folder, entry, preloads: [...preloads, ...fromOptions], environment };
  const application = readApplication(project, start);
  return {
    ...application,
    lastcall: application.lastcall ?? findOnlyCall(project, folder, environment),
  };
}

/** The file of the tree that Node is started with. */
function findEntry(
  project: Project,
  folder: string,
  { entry }: Program,
  image: Image | null,
): string | null {
  if (entry === null) return null;
  const { text } = entry;
  if (!text.startsWith("/")) {
    return resolveEntry(project, folder, text) ?? findCopiedEntry(project, text, image) ?? null;
  }
  const workdir = image?.workdir ?? "";
  if (workdir !== "" && text.startsWith(`${workdir}/`)) {
    return resolveEntry(project, folder, text.slice(workdir.length + 1)) ?? null;
  }
  const parts = text.split("/").filter((part) => part !== "");
  for (let drop = 1; drop < parts.length; drop += 1) {
    const found = resolveEntry(project, folder, parts.slice(drop).join("/"));
    if (found !== undefined) return found;
  }
  return resolveEntry(project, folder, parts.at(-1) ?? "") ?? null;
}

/** A program in another folder of the context than its package. */
function findCopiedEntry(project: Project, path: string, image: Image | null): string | undefined {
  if (image === null) return undefined;
  const contexts = image.context === null ? [folderOf(image.file), ""] : [image.context];
  for (const context of contexts) {
    for (const file of listCopied(image, path)) {
      const found = resolveEntry(project, context, file);
      if (found !== undefined) return found;
    }
  }
  return undefined;
}

function isOnly({ spot, name }: Workload, { only }: Known): boolean {
  return only !== undefined && only.spot === spot && only.name === name;
}

function readOnlyCaller(project: Project, workload: Workload): Application | undefined {
  const callers = project.once(listCallers);
  const [caller] = callers;
  if (callers.length !== 1 || caller === undefined || workload.image !== null) return undefined;
  const { folder, file } = caller;
  const start = { folder, entry: file, preloads: [], environment: workload.environment };
  const application = readApplication(project, start);
  return { ...application, lastcall: readCaller(project, caller, workload.environment) };
}

function tieBalancer(balancer: Balancer, workloads: readonly Workload[]): Balancer {
  const { hosts, selects } = balancer;
  const names = new Set(hosts.map(({ value }) => value));
  const tied = workloads.filter((workload) =>
    selects === null ? isHost(workload, names) : selects(workload),
  );
  return { ...balancer, workloads: tied };
}

/** Of several environments in one tree, each has its own Service of that name. */
function keepNearest({ spot }: Workload, balancers: readonly Balancer[]): Balancer[] {
  const byDistance = balancers.toSorted(
    (one, other) => distanceOf(one.spot.file, spot.file) - distanceOf(other.spot.file, spot.file),
  );
  const names = new Set<string>();
  return byDistance.filter(({ kind, name }) => {
    const isOther = kind === "service" && names.has(name);
    names.add(name);
    return !isOther;
  });
}

/** How many steps it is from one file to another, through their folders. */
function distanceOf(one: string, other: string): number {
  if (one === other) return -1;
  const [a, b] = [folderOf(one).split("/"), folderOf(other).split("/")];
  const shared = a.findIndex((part, index) => part !== b[index]);
  const depth = shared === -1 ? a.length : shared;
  return a.length + b.length - 2 * depth;
}

/** Compose gives each service its name as a host. */
function isHost({ platform, name }: Workload, names: ReadonlySet<string>): boolean {
  return (platform === "compose" || platform === "swarm") && names.has(name);
}
