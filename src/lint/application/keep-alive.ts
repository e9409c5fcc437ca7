import type { Project } from "../files/project.js";
import type { Application } from "../model/application.js";
import { usual, type Value } from "../source/value.js";
import { readSources } from "./sources.js";

const NODE = 5_000;
const FASTIFY = 72_000;

// They leave the time to Node's own server.
const PLAIN = [
  "http",
  "node:http",
  "express",
  "koa",
  "@nestjs/platform-express",
  "polka",
  "restify",
  "connect",
];

/**
 * How long a program's server keeps an idle connection. Null where that is not known: the sources are not all there, another
 * package makes the server, or the time is set in a way that is not read.
 */
export function readKeepAlive(
  project: Project,
  { keepAlive, entry, isComplete, listens, packages }: Application,
): Value<number> | null {
  if (keepAlive !== null) return keepAlive;
  if (entry === null || !isComplete || listens === null) return null;
  const { files } = readSources(project, entry);
  if (files.some(({ source }) => source.text.includes("keepAliveTimeout"))) return null;
  const isPlain = PLAIN.some((name) => packages.has(name));
  if (packages.has("fastify")) return isPlain ? null : usual("keepAliveTimeout", FASTIFY, listens);
  return isPlain ? usual("keepAliveTimeout", NODE, listens) : null;
}
