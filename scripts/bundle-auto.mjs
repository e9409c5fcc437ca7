// Writes dist/auto/serve.cjs: what `lastcall/auto` loads in the middle of the first `listen()`, and all that this imports,
// in one file. A hundred small ones take four times as long to load, and `import()` would come too late.
import { build } from "esbuild";
import path from "node:path";

const root = path.join(import.meta.dirname, "..");

await build({
  entryPoints: [path.join(root, "src", "auto", "serve.ts")],
  outfile: path.join(root, "dist", "auto", "serve.cjs"),
  bundle: true,
  format: "cjs",
  platform: "node",
  target: "node20.19",
  // It is read whole before anything runs: a third less of it is two milliseconds.
  minify: true,
  // By its folder lastcall knows its own frames in a stack: that of the module, as it is where nothing is bundled.
  define: { "import.meta.dirname": "moduleFolder" },
  banner: {
    js: 'const moduleFolder = require("node:path").join(__dirname, "../process/signals");',
  },
  logLevel: "warning",
});
