import { accessSync, constants, readdirSync } from "node:fs";
import path from "node:path";

/** A server that the suites under `test/services/` start. */
export interface Program {
  /** The Debian package it comes from. */
  package: string;
  /** The package's own user: the server runs as this one when the tests run as root. */
  user: string;
  /** Every file that a start needs, by name. */
  files: readonly string[];
  /** Where to look besides PATH. */
  folders: readonly string[];
}

/** Debian keeps the programs of each version of PostgreSQL in a folder of its own. */
function postgresFolders(): string[] {
  const root = "/usr/lib/postgresql";
  const versions = list(root).sort((a, b) => Number(b) - Number(a));
  return versions.map((version) => path.join(root, version, "bin"));
}

function list(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

export const PROGRAMS = {
  postgres: {
    package: "postgresql",
    user: "postgres",
    files: ["postgres", "initdb"],
    folders: postgresFolders(),
  },
  mariadb: {
    package: "mariadb-server",
    user: "mysql",
    files: ["mariadbd", "mariadb-install-db"],
    folders: ["/usr/sbin"],
  },
  redis: { package: "redis-server", user: "redis", files: ["redis-server"], folders: [] },
  rabbitmq: {
    package: "rabbitmq-server",
    user: "rabbitmq",
    files: ["rabbitmq-server", "epmd"],
    // Not /usr/sbin: the script there changes the user itself, and goes on as its own parent.
    folders: ["/usr/lib/rabbitmq/bin"],
  },
  etcd: { package: "etcd-server", user: "etcd", files: ["etcd"], folders: [] },
  kafka: { package: "kcat", user: "nobody", files: ["kcat"], folders: [] },
} as const satisfies Record<string, Program>;

/** Consul is in no release of Debian after bullseye: what needs it is left out where it is not there. */
export const CONSUL: Program = {
  package: "consul",
  user: "consul",
  files: ["consul"],
  folders: [],
};

/** Whether a program can be started here. */
export function isInstalled({ files, folders }: Program): boolean {
  return files.every((name) => locate(name, folders) !== null);
}

/** Where a program is, or null. */
function locate(name: string, folders: readonly string[]): string | null {
  const places = [...folders, ...(process.env.PATH ?? "").split(path.delimiter)];
  return places.map((folder) => path.join(folder, name)).find(isExecutable) ?? null;
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** @throws Naming the Debian package, where the program is not installed. */
export function find(program: Program, name: string): string {
  const file = locate(name, program.folders);
  if (file === null) throw new Error(`\`${name}\` is missing (package ${program.package})`);
  return file;
}

/** The Debian packages that are not installed here. */
export function missingPackages(): string[] {
  return Object.values(PROGRAMS)
    .filter(({ files, folders }) => files.some((name) => locate(name, folders) === null))
    .map((program) => program.package);
}
