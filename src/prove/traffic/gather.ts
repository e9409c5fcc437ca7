// traffic/: requests from files: .http, HAR and OpenAPI are read, chosen from, and told apart by what they change.
import type { RequestTemplate } from "../request/request.js";
import { chooseRequests, isRequestName } from "./choose.js";
import { readTraffic, type TrafficKind } from "./read.js";
import { TrafficError, type Traffic } from "./traffic.js";

/** Files that describe requests, and which of these may be sent. */
export interface TrafficFiles {
  /** `.http` files. Default: none. */
  readonly http?: readonly string[];
  /** Recordings of a browser. Default: none. */
  readonly har?: readonly string[];
  /** OpenAPI 3 documents: a request for each operation. Default: none. */
  readonly openapi?: readonly string[];
  /** Requests of those files that change something and are sent too: `POST /orders`. Default: none. */
  readonly allow?: readonly string[];
  /** Whether all of them are sent. Default: false. */
  readonly allowUnsafe?: boolean;
}

/** What files ask for. */
export interface Gathered {
  readonly requests: readonly RequestTemplate[];
  /** What was left out and why, one sentence each. */
  readonly notes: readonly string[];
}

type Spell = (name: keyof TrafficFiles) => string;

const KINDS: readonly TrafficKind[] = ["http", "har", "openapi"];

/**
 * Reads the requests of files; undefined where no file is named. `spell` is how the one who gave the options knows them.
 * Throws an Error of one sentence: what, expected, got.
 */
export async function gatherRequests(
  options: TrafficFiles,
  env: Readonly<NodeJS.ProcessEnv>,
  spell: Spell,
): Promise<Gathered | undefined> {
  const named = KINDS.flatMap((kind) => (options[kind] ?? []).map((file) => ({ kind, file })));
  if (named.length === 0) {
    refuseWithoutFiles(options, spell);
    return undefined;
  }
  for (const name of options.allow ?? []) {
    if (isRequestName(name)) continue;
    throw new UnusableFilesError(
      `Expected ${spell("allow")} to be 'METHOD /path', got \`${name}\``,
    );
  }
  const files = await Promise.all(named.map(({ kind, file }) => read(kind, file, env)));
  const { requests, note } = choose(files, options, spell);
  const notes = files.flatMap((file) => file.notes);
  return { requests, notes: note === undefined ? notes : [...notes, note] };
}

/** What was asked of files cannot be done. The message is one sentence. */
export class UnusableFilesError extends Error {
  override readonly name = "UnusableFilesError";
}

function refuseWithoutFiles({ allow = [], allowUnsafe = false }: TrafficFiles, spell: Spell): void {
  if (allow.length === 0 && !allowUnsafe) return;
  const option = spell(allow.length > 0 ? "allow" : "allowUnsafe");
  throw new UnusableFilesError(
    `Expected ${option} with one of ${KINDS.map(spell).join(", ")}, got none of them`,
  );
}

async function read(
  kind: TrafficKind,
  file: string,
  env: Readonly<NodeJS.ProcessEnv>,
): Promise<Traffic> {
  try {
    return await readTraffic(kind, file, env);
  } catch (error) {
    if (!(error instanceof TrafficError)) throw error;
    throw new UnusableFilesError(error.message, { cause: error });
  }
}

function choose(
  files: readonly Traffic[],
  { allow = [], allowUnsafe = false }: TrafficFiles,
  spell: Spell,
): { readonly requests: readonly RequestTemplate[]; readonly note?: string } {
  const allowed = { named: allow, unsafe: allowUnsafe };
  const { requests, leftOut, unmatched } = chooseRequests(files, allowed);
  const [stray] = unmatched;
  if (stray !== undefined) {
    throw new UnusableFilesError(
      `Expected ${spell("allow")} to name a request of the files, got \`${stray}\``,
    );
  }
  const hint = `name them with ${spell("allow")}, or give ${spell("allowUnsafe")}`;
  if (requests.length === 0) {
    throw new UnusableFilesError(`Expected a safe request, got ${listSome(leftOut)}: ${hint}`);
  }
  if (leftOut.length === 0) return { requests };
  return { requests, note: `left out as unsafe: ${listSome(leftOut)} (${hint})` };
}

const SHOWN = 5;

function listSome(names: readonly string[]): string {
  const shown = names.slice(0, SHOWN).join(", ");
  return names.length > SHOWN ? `${shown} and ${String(names.length - SHOWN)} more` : shown;
}
