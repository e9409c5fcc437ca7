/**
 * What all copies of the package in one process share: its ES modules, its CommonJS, the same version in two folders.
 * A request that one copy's service has taken into care has one signal, whichever copy is asked for it.
 *
 * @module
 */

/** Changes with what is shared, or with its shape: copies of the package that differ in it share nothing. */
const VERSION = 1;

interface SharedRecord {
  readonly version: number;
  readonly parts: Map<string, unknown>;
}

const KEY = Symbol.for("lastcall");

const holder = globalThis as { [KEY]?: SharedRecord };

let record: SharedRecord | undefined;

function ourRecord(): SharedRecord {
  if (record !== undefined) return record;
  const found = holder[KEY];
  record = found?.version === VERSION ? found : { version: VERSION, parts: new Map() };
  // One of another version stays: its services are at work.
  if (found === undefined) Object.defineProperty(holder, KEY, { value: record });
  return record;
}

/** A part of what is shared, made by the first copy that needs it. */
export function shared<T>(name: string, make: () => T): T {
  const { parts } = ourRecord();
  if (!parts.has(name)) parts.set(name, make());
  return parts.get(name) as T;
}

/** In words, where a copy that was loaded before shares nothing with this one; undefined where there is none. */
export function explainOther(): string | undefined {
  const found = holder[KEY];
  if (found === undefined || found === ourRecord()) return undefined;
  return (
    `Another copy of lastcall in this process shares nothing with this one (its record has version ` +
    `${String(found.version)}, this one's ${VERSION}): neither knows the requests and servers of the other, and the ` +
    "process ends when one of them is done. Install one version: `npm ls lastcall`"
  );
}
