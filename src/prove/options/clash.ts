import { formatDuration } from "../facts/duration.js";
import { isHttpUrl, parseUrl } from "../request/url.js";
import type { ProveOptions } from "./options.js";
import { GRACE_MS } from "./pace.js";
import { OPTIONS } from "./table.js";

type Name = keyof ProveOptions;

/** Options of which at most one may say what the proof points at. */
const WAYS: readonly (readonly Name[])[] = [["command"], ["pid", "stopWith"], ["during"]];

const NAMES = Object.keys(OPTIONS) as Name[];

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
  const given = NAMES.filter(isGiven);
  for (const name of given) {
    const other = given.find((one) => OPTIONS[name].not?.[one] !== undefined);
    if (other === undefined) continue;
    const why = OPTIONS[name].not?.[other] ?? "";
    return `Expected ${spell(name)} or ${spell(other)}, got both: ${why}`;
  }
  for (const name of given) {
    const [others, why] = OPTIONS[name].needs ?? [[], ""];
    if (others.length > 0 && !others.some(isGiven)) {
      return `Expected ${others.map(spell).join(" or ")} with ${spell(name)}: ${why}`;
    }
  }
  return (
    findZero(options, spell) ??
    findTimeClash(options, spell) ??
    findUrlClash(options, spell) ??
    findEffectsFault(options, spell)
  );
}

/** What can be seen of it before the run; whether a command can be run only the run tells. */
function findEffectsFault(
  { effects = "" }: Partial<ProveOptions>,
  spell: (name: Name) => string,
): string | undefined {
  const isUrl = isHttpUrl(effects) || /^[a-z][a-z\d+.-]*:\/\/\S*$/i.test(effects);
  if (!isUrl || isFetchable(effects)) return undefined;
  return `Expected ${spell("effects")} to be a shell command, or a URL such as http://127.0.0.1:9000/ids, got \`${effects}\``;
}

/** `fetch` takes no credentials in a URL. */
function isFetchable(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname, username, password } = new URL(text);
  return /^https?:$/.test(protocol) && hostname !== "" && username + password === "";
}

/** Times that have to have a length, and why. */
const LONGER_THAN_0 = [
  ["grace", "it would be killed with the signal"],
  ["connectTimeout", "no connection would be made in time"],
  ["startTimeout", "nothing answers so soon"],
  ["balancerKeepalive", "a balancer that keeps no idle connection has none closed on it"],
] as const;

function findZero(
  options: Partial<ProveOptions>,
  spell: (name: Name) => string,
): string | undefined {
  const zero = LONGER_THAN_0.find(([name]) => options[name] === 0);
  if (zero === undefined) return undefined;
  const [name, why] = zero;
  return `Expected ${spell(name)} to be longer than ${formatDuration(0)}: ${why}`;
}

type StopTime = "lag" | "secondSignal" | "repeatSignal";

/** Times of a stop of which the first has to be over before the second, and why. */
const ORDER: readonly (readonly [StopTime, "grace", string])[] = [
  ["lag", "grace", "what serves until the balancer has let go would be killed before"],
  ["secondSignal", "grace", "it would be killed before it is told again"],
  ["repeatSignal", "grace", "it would be killed before it is told again"],
];

function findTimeClash(
  options: Partial<ProveOptions>,
  spell: (name: Name) => string,
): string | undefined {
  if (options.during !== undefined) return undefined;
  for (const [first, second, why] of ORDER) {
    const from = options[first];
    const to = options[second] ?? GRACE_MS;
    if (from === undefined || from < to) continue;
    const shorter = `${spell(first)} (${formatDuration(from)})`;
    return `Expected ${shorter} to be shorter than ${spell(second)} (${formatDuration(to)}): ${why}`;
  }
  return undefined;
}

/** Whether an option is as good as not given. */
function isDefault(name: Name, value: unknown): boolean {
  if (value === undefined || value === false) return true;
  return (name === "restarts" && value === 0) || (name === "trials" && value === 1);
}

/** `sun_path` of unix(7) is 108 bytes with the one that ends it; BSD and macOS have 104. */
const MAX_PATH = process.platform === "linux" ? 107 : 103;

function findUrlClash(
  { url, command, restarts, requests, tls, insecure, ca }: Partial<ProveOptions>,
  spell: (name: Name) => string,
): string | undefined {
  if (url === undefined) return undefined;
  const read = parseUrl(url);
  if (read === undefined) {
    return `Expected ${spell("url")} to be a URL such as https://staging.example, or unix:/absolute/path, got \`${url}\``;
  }
  const { path: file } = read.address;
  const isUnix = file !== undefined;
  if (isUnix && Buffer.byteLength(file) > MAX_PATH) {
    return `Expected ${spell("url")} to be a socket's path of at most ${String(MAX_PATH)} bytes, got ${String(Buffer.byteLength(file))}: the system has no room for more`;
  }
  if (command !== undefined && !isUnix) {
    return `Expected ${spell("url")} or ${spell("command")}, got both: a command that is started listens on this machine`;
  }
  if (isUnix && restarts !== undefined && restarts > 0) {
    return `Expected ${spell("url")} or ${spell("restarts")}, got both: two generations cannot be told apart on one Unix socket; replace it with ${spell("during")}`;
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
