import type { ProveOptions } from "./options.js";
import { parseUrl } from "./url.js";

type Name = keyof ProveOptions;

/** Options of which at most one may say what the proof points at. */
const WAYS: readonly (readonly Name[])[] = [["command"], ["pid", "stopWith"], ["during"]];

/** What makes no sense together, and why. */
const PAIRS: readonly (readonly [Name, Name, string])[] = [
  ["url", "port", "the URL has the port"],
  ["url", "command", "a command that is started listens on this machine"],
  ["port", "restarts", "two generations run at once"],
  ["secondSignal", "restarts", "a second signal asks for losses"],
  ["secondSignal", "stopWith", "a command is no signal"],
  ["secondSignal", "during", "nothing is signalled"],
  ["signal", "stopWith", "the command makes it stop"],
  ["signal", "during", "nothing is signalled"],
  ["restarts", "pid", "only a command can be started again"],
  ["restarts", "stopWith", "only a command can be started again"],
  ["restarts", "during", "only a command can be started again"],
  ["trials", "pid", "only a command can be started again"],
  ["trials", "stopWith", "only a command can be started again"],
  ["inspect", "pid", "only a command can be started with the preload"],
  ["inspect", "stopWith", "only a command can be started with the preload"],
  ["inspect", "during", "only a command can be started with the preload"],
  ["lag", "during", "the real balancer is there"],
  ["uploads", "during", "there is no signal to be in flight at"],
  ["stalled", "during", "there is no signal to be in flight at"],
  ["pipelined", "during", "there is no signal to be in flight at"],
  ["expecting", "during", "there is no signal to be in flight at"],
  ["insecure", "ca", "either it is checked or it is not"],
];

/** What means nothing without one of the others. */
const NEEDS: readonly (readonly [Name, readonly Name[], string])[] = [
  ["stopWith", ["url", "port", "pid"], "where does it listen?"],
  ["during", ["url", "port"], "where does it listen?"],
  ["url", ["pid", "stopWith", "during"], "how does it stop?"],
  ["kill", ["pid"], "what was started here is ended in any case"],
  ["tail", ["during"], "it is the time after that command"],
  ["insecure", ["url"], "elsewhere no certificate is checked"],
  ["ca", ["tls", "url"], "there is no certificate"],
];

/**
 * Finds options that make no sense together. Returns a sentence, or undefined when there are none.
 * `spell` is how their reader knows them.
 */
export function findClash(
  options: Partial<ProveOptions>,
  spell: (name: Name) => string,
): string | undefined {
  const isGiven = (name: Name): boolean => !isDefault(name, options[name]);
  const ways = WAYS.map((way) => way.find(isGiven)).filter((name) => name !== undefined);
  if (ways.length === 0 && !isGiven("url")) {
    return `Expected ${spell("command")}, got none`;
  }
  if (ways.length > 1) {
    return `Expected one of ${ways.map(spell).join(" and ")}: each says what is proved`;
  }
  for (const [one, other, why] of PAIRS) {
    if (isGiven(one) && isGiven(other)) {
      return `Expected ${spell(one)} or ${spell(other)}, got both: ${why}`;
    }
  }
  for (const [name, others, why] of NEEDS) {
    if (isGiven(name) && !others.some(isGiven)) {
      return `Expected ${others.map(spell).join(" or ")} with ${spell(name)}: ${why}`;
    }
  }
  return findUrlClash(options, spell);
}

/** Whether an option is as good as not given. */
function isDefault(name: Name, value: unknown): boolean {
  if (value === undefined || value === false) return true;
  return (name === "restarts" && value === 0) || (name === "trials" && value === 1);
}

function findUrlClash(
  { url, requests, tls, insecure, ca }: Partial<ProveOptions>,
  spell: (name: Name) => string,
): string | undefined {
  if (url === undefined) return undefined;
  const read = parseUrl(url);
  if (read === undefined) {
    return `Expected ${spell("url")} to be a URL such as https://staging.example, got \`${url}\``;
  }
  if (read.path !== "/" && requests !== undefined) {
    const why = "the path is the request where none is named";
    return `Expected ${spell("url")} without a path or no ${spell("requests")}: ${why}`;
  }
  const secure: Name | undefined =
    tls === true ? "tls" : insecure === true ? "insecure" : ca === undefined ? undefined : "ca";
  if (secure === undefined || read.isTls) return undefined;
  return `Expected an https ${spell("url")} with ${spell(secure)}, got \`${url}\``;
}
