import path from "node:path";

/** Files below the project's root are named from there, as what reads annotations and SARIF expects it. */
export function nameFile(file: string): string {
  const root = process.env["GITHUB_WORKSPACE"] ?? process.cwd();
  const relative = path.relative(root, path.resolve(file));
  return relative.startsWith("..") ? file : relative.replaceAll(path.sep, "/");
}
