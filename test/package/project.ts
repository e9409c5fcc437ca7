import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

/** The repository, seen from build/test/package/. */
export const root: string = path.join(import.meta.dirname, "..", "..", "..");

/** What one kind of import reaches. */
export type Target = Readonly<Record<string, string>>;

export interface Manifest {
  readonly exports: Readonly<Record<string, string | Readonly<Record<string, Target>>>>;
  readonly bin: Readonly<Record<string, string>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
}

export const manifest = JSON.parse(read("package.json")) as Manifest;

/** What a program imports: "lastcall", "lastcall/express", … */
export const specifiers: readonly string[] = Object.keys(manifest.exports)
  .filter((subpath) => !subpath.endsWith(".json"))
  .map((subpath) => `lastcall${subpath.slice(1)}`);

export function read(file: string): string {
  return readFileSync(path.join(root, file), "utf8");
}

/** The files that `npm publish` would send. */
export function packedFiles(): string[] {
  const output = execFileSync("npm", ["pack", "--dry-run", "--json", "--ignore-scripts"], {
    cwd: root,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "ignore"],
    shell: process.platform === "win32",
  });
  const [pack] = JSON.parse(output) as [{ files: { path: string }[] }];
  return pack.files.map((file) => file.path);
}

interface Cleanup {
  after(cleanUp: () => void): void;
}

/** A new folder, gone after the test `t`, or after the whole file. */
export function temporaryFolder(t: Cleanup): string {
  const folder = mkdtempSync(path.join(tmpdir(), "lastcall-package-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A folder in which the package is installed as npm would: the packed files and nothing else. */
export function installed(t: Cleanup): string {
  const folder = temporaryFolder(t);
  for (const file of packedFiles()) {
    const target = path.join(folder, "node_modules", "lastcall", file);
    mkdirSync(path.dirname(target), { recursive: true });
    cpSync(path.join(root, file), target);
  }
  return folder;
}

export interface Outcome {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs `source` on the Node under test, in `cwd`. */
export function evaluate(
  type: "module" | "commonjs",
  source: string,
  cwd: string,
  args: readonly string[] = [],
  flags: readonly string[] = [],
): Outcome {
  return spawnSync(
    process.execPath,
    [...flags, `--input-type=${type}`, "--eval", source, ...args],
    {
      cwd,
      encoding: "utf8",
      timeout: 30_000,
    },
  );
}
