import type { NginxDirective } from "../../read/nginx.js";
import { given, usual, type Value } from "../../source/value.js";
import { directiveOf, directivesOf, type Pass } from "./passes.js";
import { parseNginxTime } from "./times.js";

const KEEPALIVE_TIMEOUT = 60_000;

/**
 * How long it keeps idle connections to its servers. Null where it keeps none: that takes `keepalive` in the upstream, and,
 * before nginx 1.29.7, HTTP/1.1 and an empty `Connection`.
 */
export function readKeepAlive(pass: Pass): Value<number> | null {
  const block = pass.upstream?.block ?? [];
  const keepalive = findLast(block, "keepalive");
  if (keepalive === undefined || Number(keepalive.args[0]?.text) === 0) return null;
  const isKept =
    directiveOf(pass, "proxy_http_version")?.args[0]?.text === "1.1" &&
    directivesOf(pass, "proxy_set_header").some(isEmptyConnection);
  if (!isKept) return null;
  const timeout = findLast(block, "keepalive_timeout");
  if (timeout === undefined) {
    return usual("keepalive_timeout", KEEPALIVE_TIMEOUT, keepalive.spot);
  }
  const time = parseNginxTime(timeout.args[0]?.text ?? "");
  return time === undefined ? null : given("keepalive_timeout", time, timeout.spot);
}

function isEmptyConnection({ args }: NginxDirective): boolean {
  return args[0]?.text.toLowerCase() === "connection" && args[1]?.text === "";
}

function findLast(block: readonly NginxDirective[], name: string): NginxDirective | undefined {
  return block.findLast((directive) => directive.name === name);
}
