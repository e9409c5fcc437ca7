/**
 * How the modules of dist/ are put together in fewer files: for the oldest Node that is supported, without the packages that
 * they import.
 *
 * @type {import("esbuild").BuildOptions}
 */
export const MODULES = {
  bundle: true,
  format: "esm",
  platform: "node",
  target: "node20.19",
  packages: "external",
  sourcemap: true,
  // The sources are packed, beside it.
  sourcesContent: false,
  logLevel: "warning",
};
