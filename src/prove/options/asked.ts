import { writeDuration } from "../facts/duration.js";
import type { ClientCounts } from "../facts/ledger.js";
import type { AskedOption } from "../facts/result.js";
import { placeOf } from "../request/address.js";
import { describeExpectation } from "../request/expectation.js";
import type { RequestTemplate } from "../request/request.js";
import type { ProveOptions } from "./options.js";
import type { Pointing } from "./pointing.js";
import type { ResolvedOptions } from "./resolve.js";
import { OPTIONS, type OptionRow } from "./table.js";

type Name = keyof ProveOptions;

/** What changes nothing that is measured: a seed is another each time, and what starts slowly is waited for. */
const UNTOLD: ReadonlySet<Name> = new Set(["seed", "startTimeout"]);

/**
 * Every option that was in force, by default or not, as the command line writes it: what two results have to share
 * for their figures to be of the same thing. What holds a secret, or another text each time, is not told: the values of
 * fields, bodies, and how effects are asked for.
 */
export function listAsked(options: ResolvedOptions): AskedOption[] {
  const { pointing, rate, tls, effects } = options;
  const inForce: Partial<Readonly<Record<Name, unknown>>> = {
    ...options,
    ...listPointing(pointing),
    rate: rate?.perSecond,
    spacing: rate?.spacing,
    tls: tls !== null,
    effects: effects !== null,
  };
  return Object.entries(OPTIONS).flatMap(([name, row]) => {
    if (row.flag === undefined || UNTOLD.has(name as Name)) return [];
    const values = write(inForce[name as Name], row);
    return values === undefined ? [] : [{ option: row.flag, values }];
  });
}

/** What was started is told apart, and its port is any. */
function listPointing(pointing: Pointing): Partial<ProveOptions> {
  if (pointing.way === "start") return {};
  const url = pointing.address === null ? {} : { url: placeOf(pointing.address) };
  if (pointing.way === "rollout") {
    return { ...url, during: pointing.during, tail: pointing.tail };
  }
  const { stopWith, mayKill } = pointing;
  return { ...url, ...(stopWith === null ? {} : { stopWith }), kill: mayKill };
}

/** Undefined for what was not asked for. */
function write(value: unknown, { kind }: OptionRow): string[] | undefined {
  if (value === undefined || value === null || value === false) return undefined;
  if (value === true) return [];
  if (kind === "time") return [writeDuration(Number(value))];
  if (kind === "clients") return writeClients(value as ClientCounts);
  if (typeof value === "string" || typeof value === "number") return [String(value)];
  const templates = [value].flat() as RequestTemplate[];
  return templates.length === 0 ? undefined : templates.map(describeTemplate);
}

function writeClients(clients: ClientCounts): string[] {
  return Object.entries(clients).map(([client, count]) => `${client}=${String(count)}`);
}

/** `POST /orders (body of 17 bytes, X-Tenant, expects 2xx)`. */
function describeTemplate({
  method,
  path,
  body,
  headers = [],
  weight = 1,
  expect,
}: RequestTemplate): string {
  const more = [
    ...(body === "" ? [] : [`body of ${String(Buffer.byteLength(body))} bytes`]),
    ...headers.map(([name]) => name),
    ...(expect === undefined ? [] : [`expects ${describeExpectation(expect)}`]),
    ...(weight === 1 ? [] : [`weight ${String(weight)}`]),
  ];
  return `${method} ${path}${more.length === 0 ? "" : ` (${more.join(", ")})`}`;
}
