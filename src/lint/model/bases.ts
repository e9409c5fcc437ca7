import type { Base } from "./image.js";
import type { Spot } from "../source/source.js";

type Shell = Base["shell"];

/** The image that a FROM names, and what its `/bin/sh` is. */
export function describeBase(reference: string, spot: Spot): Base {
  const [path = "", digest] = reference.split("@");
  const [, name = path, tag = ""] = /^(.+?)(?::([\w][\w.-]*))?$/.exec(path) ?? [];
  return {
    name,
    tag: digest === undefined ? tag || "latest" : tag,
    shell: shellOf(name, tag),
    spot,
  };
}

/** Official images that are made from Debian unless their tag says otherwise. */
const DEBIAN = new Set([
  "debian",
  "ubuntu",
  "node",
  "python",
  "ruby",
  "golang",
  "php",
  "eclipse-temurin",
  "nginx",
  "haproxy",
  "httpd",
  "buildpack-deps",
  "oven/bun",
  "denoland/deno",
  "bitnami/node",
  "rust",
  "postgres",
  "redis",
  "keymetrics/pm2",
]);
const OTHERS = /ubi|centos|rhel|oracle|amazon|\bal20|fedora|windows|nanoserver|servercore/;
const ALPINE = new Set([
  "alpine",
  "traefik",
  "mhart/alpine-node",
  "envoyproxy/envoy-alpine",
  "n8nio/n8n",
]);
const FEDORA =
  /(?:^|\/)(?:fedora|centos|rockylinux|almalinux|amazonlinux|oraclelinux|ubi\d*(?:-minimal|-init)?|nodejs-\d+(?:-minimal)?)$/;

function shellOf(name: string, tag: string): Shell {
  const short = name.replace(
    /^(?:docker\.io\/|index\.docker\.io\/|public\.ecr\.aws\/docker\/|registry-1\.docker\.io\/|mirror\.gcr\.io\/)?(?:library\/)?/,
    "",
  );
  if (short === "scratch") return "none";
  if (/distroless|chainguard|cgr\.dev/.test(short))
    return /debug|-dev/.test(tag) ? "busybox" : "none";
  if (/busybox/.test(short)) return "busybox";
  if (FEDORA.test(short)) return "bash";
  if (ALPINE.has(short)) return /debian/.test(tag) ? "dash" : "busybox";
  if (/alpine/.test(tag)) return "busybox";
  // Some have variants on another system; openjdk changed its own with a version.
  return DEBIAN.has(short) && !OTHERS.test(tag) ? "dash" : "unknown";
}
