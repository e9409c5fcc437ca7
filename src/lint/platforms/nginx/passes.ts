import type { Project } from "../../files/project.js";
import type { NginxDirective, NginxWord } from "../../read/nginx.js";
import type { Source, Spot } from "../../source/source.js";
import { given, type Value } from "../../source/value.js";
import { isForDevelopment } from "../docker/dockerfiles.js";
import { NGINX_FILE } from "./file.js";

/** A `proxy_pass`, with what holds where it stands. */
export interface Pass {
  readonly source: Source;
  readonly directive: NginxDirective;
  /** What it names, without scheme and path. */
  readonly target: string;
  /** Null where it names a host. */
  readonly upstream: NginxDirective | null;
  readonly servers: readonly NginxServer[];
  /** The blocks around it, innermost first, with their directives. */
  readonly levels: readonly (readonly NginxDirective[])[];
}

interface NginxServer {
  /** Without its port; null where it has variables, or is a socket. */
  readonly host: Value<string> | null;
  readonly isBackup: boolean;
  readonly isDown: boolean;
  /** Of the directive. */
  readonly spot: Spot;
}

/** Every `proxy_pass` of the project. An upstream may stand in another file than what names it. */
export function listPasses(project: Project): readonly Pass[] {
  const files = project.all(NGINX_FILE).filter(({ source }) => !isForDevelopment(source.file));
  const upstreams = files.flatMap(({ source, value }) =>
    listBlocks(value, "upstream").map((upstream) => ({ source, upstream })),
  );
  return files.flatMap(({ source, value }) =>
    findPasses(value, []).flatMap(({ directive, levels }): Pass[] => {
      const target = readTarget(directive);
      if (target === undefined) return [];
      const named = upstreams.filter(({ upstream }) => upstream.args[0]?.text === target);
      // Of several of one name, which one is meant depends on what is included where.
      if (named.length > 1) return [];
      const upstream = named[0]?.upstream ?? null;
      const servers = upstream === null ? [hostServer(directive, target)] : readServers(upstream);
      return [{ source, directive, target, upstream, servers, levels }];
    }),
  );
}

/** The directive that holds at a place: of the innermost block that has one. */
export function directiveOf({ levels }: Pass, name: string): NginxDirective | undefined {
  return directivesOf({ levels }, name).at(-1);
}

/** The same for directives that may stand several times: a block that has one takes none from those around it. */
export function directivesOf(
  { levels }: Pick<Pass, "levels">,
  name: string,
): readonly NginxDirective[] {
  const found = levels.map((level) => level.filter((directive) => directive.name === name));
  return found.find((directives) => directives.length > 0) ?? [];
}

function listBlocks(directives: readonly NginxDirective[], name: string): NginxDirective[] {
  return directives.flatMap((directive) => {
    if (directive.name === name) return [directive];
    return directive.name === "http" ? listBlocks(directive.block ?? [], name) : [];
  });
}

function findPasses(
  directives: readonly NginxDirective[],
  around: Pass["levels"],
): Pick<Pass, "directive" | "levels">[] {
  const levels = [directives, ...around];
  return directives.flatMap((directive) => {
    if (directive.name === "proxy_pass") return [{ directive, levels }];
    // What stands in `stream` passes connections, not requests.
    return directive.name === "stream" ? [] : findPasses(directive.block ?? [], levels);
  });
}

function readTarget({ args }: NginxDirective): string | undefined {
  const [, host] = /^https?:\/\/([^/$]+)(?:\/.*)?$/.exec(args[0]?.text ?? "") ?? [];
  return host;
}

function readServers({ block }: NginxDirective): NginxServer[] {
  return (block ?? []).flatMap(({ name, args, spot }) => {
    const [address, ...flags] = args;
    if (name !== "server" || address === undefined) return [];
    const has = (flag: string): boolean => flags.some(({ text }) => text === flag);
    return [{ host: readHost(address), isBackup: has("backup"), isDown: has("down"), spot }];
  });
}

function hostServer({ args, spot }: NginxDirective, target: string): NginxServer {
  const [word] = args;
  const host = word === undefined ? null : readHost({ text: target, spot: word.spot });
  return { host, isBackup: false, isDown: false, spot };
}

function readHost({ text, spot }: NginxWord): Value<string> | null {
  if (text.includes("$") || text.startsWith("unix:")) return null;
  const host = /^\[.*\]/.exec(text)?.[0] ?? text.split(":")[0] ?? "";
  return host === "" ? null : given("server", host, spot);
}
