import { readdir, readFile, readlink } from "node:fs/promises";
import type { Address } from "../request/address.js";

/** A TCP socket that listens on this machine. */
export interface Listening {
  /** Where a client on this machine reaches it. */
  readonly host: string;
  readonly port: number;
}

const LISTEN = "0A";

/** A port, or the file of a Unix socket. */
export type Place = number | string;

/** Where that address listens. */
export function placeAt({ port, path }: Address): Place {
  return path ?? port;
}

/**
 * Lists what the processes listen on, each port once, from the kernel's socket table. Empty where
 * that cannot be seen: other systems than Linux, and processes of another user.
 */
export async function listListening(pids: readonly number[]): Promise<Listening[]> {
  if (process.platform !== "linux") return [];
  const owned = new Set((await Promise.all(pids.map(readInodes))).flat());
  const tables = await Promise.all(TABLES.map(readTable));
  const rows = tables.flatMap(parseTable).filter(({ inode }) => owned.has(inode));
  const byPort = new Map<number, Listening>();
  // The first table is IPv4's: of a port that listens on both, this is the address to use.
  for (const { host, port } of rows) if (!byPort.has(port)) byPort.set(port, { host, port });
  return [...byPort.values()].sort((a, b) => a.port - b.port);
}

/** What a client calls it. */
export function addressOf({ host, port }: Listening): Address {
  const authority = host.includes(":") ? `[${host}]:${String(port)}` : `${host}:${String(port)}`;
  return { host, port, authority };
}

/** A process' hold on a listening socket. */
export interface Hold {
  readonly pid: number;
  /** `/proc/12/fd/19` */
  readonly path: string;
  /** `socket:[345]` */
  readonly target: string;
}

/**
 * Finds what listens on a port, as far as the processes may be looked into: among those that are named,
 * or else among all. Linux only.
 */
export async function findHolds(place: Place, named: readonly number[] = []): Promise<Hold[]> {
  if (process.platform !== "linux") return [];
  const targets = new Set((await readListeners(place)).map((inode) => `socket:[${inode}]`));
  if (targets.size === 0) return [];
  const known = await findAmong(named, targets);
  if (known.length > 0) return known;
  const all = (await readFolder("/proc")).filter(isNumber).map(Number);
  return findAmong(all, targets);
}

/** Everything that has a listening socket which connections to this address may reach. Linux only. */
export async function findHoldsAt({ host, port, path }: Address): Promise<Hold[]> {
  if (process.platform !== "linux") return [];
  if (path !== undefined) return findHolds(path);
  const rows = (await Promise.all(TABLES.map(readTable))).flatMap(parseTable);
  const own = rows.filter((row) => row.port === port && row.host === host);
  const all = own.length === 0 ? [] : (await readFolder("/proc")).filter(isNumber).map(Number);
  return findAmong(all, new Set(own.map(({ inode }) => `socket:[${inode}]`)));
}

function isNumber(name: string): boolean {
  return /^\d+$/.test(name);
}

async function findAmong(pids: readonly number[], targets: ReadonlySet<string>): Promise<Hold[]> {
  const holds: Hold[] = [];
  for (const pid of pids) {
    holds.push(...(await readHolds(pid)).filter(({ target }) => targets.has(target)));
  }
  return holds;
}

/** The processes that listen on a port. */
export async function findOwners(place: Place): Promise<number[]> {
  return [...new Set((await findHolds(place)).map(({ pid }) => pid))];
}

/** Whether the process is one of those; null where none can be seen. */
export async function isOwner(pid: number, place: Place): Promise<boolean | null> {
  const holds = await findHolds(place, [pid]);
  return holds.length === 0 ? null : holds.some((hold) => hold.pid === pid);
}

/** Whether a process still has it. */
export async function isHeld({ path, target }: Hold): Promise<boolean> {
  return (await readTarget(path)) === target;
}

/** Whether a process has files at all: one that ends has given them up before its end is known. */
export async function hasFiles(pid: number): Promise<boolean> {
  return (await readFolder(`/proc/${String(pid)}/fd`)).length > 0;
}

/** Whether something on this machine listens there, whichever process it is. Linux only. */
export async function hasListener(place: Place): Promise<boolean> {
  if (typeof place === "string") return (await readListeners(place)).length > 0;
  const tables = await Promise.all(TABLES.map(readTable));
  return tables.some((table) => isListed(table, place));
}

/** The sockets that listen there. */
async function readListeners(place: Place): Promise<string[]> {
  if (typeof place === "string") return parseUnixTable(await readTable("/proc/net/unix"), place);
  const rows = (await Promise.all(TABLES.map(readTable))).flatMap(parseTable);
  return rows.filter(({ port }) => port === place).map(({ inode }) => inode);
}

/** proc(5): `Num: RefCount Protocol Flags Type St Inode Path`; a listener has __SO_ACCEPTCON among its flags. */
function parseUnixTable(table: string, path: string): string[] {
  return table.split("\n").flatMap((line) => {
    const [, , , flags, , , inode = "", ...words] = line.split(/\s+/);
    return flags === "00010000" && words.join(" ") === path ? [inode] : [];
  });
}

const TABLES = ["/proc/net/tcp", "/proc/net/tcp6"] as const;

/** proc(5): `sl local_address rem_address st …`, the port in hexadecimal after the last colon. */
function isListed(table: string, port: number): boolean {
  const hex = port.toString(16).toUpperCase().padStart(4, "0");
  return new RegExp(`:${hex} [0-9A-F]+:0000 ${LISTEN} `).test(table);
}

interface Row extends Listening {
  readonly inode: string;
}

function parseTable(table: string): Row[] {
  return table.split("\n").flatMap((line) => {
    const [, local = "", , state, , , , , , inode = ""] = line.trim().split(/\s+/);
    if (state !== LISTEN) return [];
    const [address = "", port = ""] = local.split(":");
    return [{ host: reach(address), port: Number.parseInt(port, 16), inode }];
  });
}

/** Addresses are hexadecimal, in words of four bytes, each in the machine's own order. */
function reach(address: string): string {
  if (address.length === 8) {
    const bytes = address.match(/../g)?.map((byte) => Number.parseInt(byte, 16)) ?? [];
    const host = bytes.reverse().join(".");
    return host === "0.0.0.0" ? "127.0.0.1" : host;
  }
  // `::` takes IPv4 too, unless a service asks the kernel for the contrary.
  if (/^0+$/.test(address)) return "127.0.0.1";
  const words = address.match(/.{8}/g) ?? [];
  const bytes = words.map((word) => (word.match(/../g) ?? []).reverse().join("")).join("");
  // In its short form, as it is usually written.
  return new URL(`http://[${(bytes.match(/.{4}/g) ?? []).join(":")}]`).hostname.slice(1, -1);
}

async function readInodes(pid: number): Promise<string[]> {
  const holds = await readHolds(pid);
  return holds.flatMap(({ target }) => /^socket:\[(\d+)\]$/.exec(target)?.[1] ?? []);
}

async function readHolds(pid: number): Promise<Hold[]> {
  const folder = `/proc/${String(pid)}/fd`;
  const names = await readFolder(folder);
  return Promise.all(
    names.map(async (name) => {
      const path = `${folder}/${name}`;
      return { pid, path, target: await readTarget(path) };
    }),
  );
}

// What ends or belongs to another user while it is looked at is as good as not there.

async function readFolder(path: string): Promise<string[]> {
  try {
    return await readdir(path);
  } catch {
    return [];
  }
}

async function readTarget(path: string): Promise<string> {
  try {
    return await readlink(path);
  } catch {
    return "";
  }
}

/** A machine without IPv6 has no second table. */
async function readTable(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch {
    return "";
  }
}
