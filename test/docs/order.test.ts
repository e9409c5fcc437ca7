import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";

import { read, root } from "../package/project.js";
import { samples } from "./samples.js";

/** Every program under examples/, as a sample. */
const examples = readdirSync(path.join(root, "examples"), { recursive: true, encoding: "utf8" })
  .filter((file) => file.endsWith(".js"))
  .map((file) => ({ name: `examples/${file}`, text: read(path.join("examples", file)) }));

/** What a program waits for at its top level before it calls `lastcall()`: nothing may. */
function waitsFirst(text: string): boolean {
  const code = text.replaceAll(/\/\/.*$|\/\*.*?\*\//gms, "");
  const call = code.search(/\blastcall\(/);
  const isServer = call !== -1 || /\blisten\(/.test(code);
  const before = call === -1 ? code : code.slice(0, call);
  return isServer && /^(?![ \t]).*\b(await\b|import\()/m.test(before);
}

// Process 1 of a container ignores SIGTERM until something listens for it: what comes before
// `lastcall()` is a window in which the stop is not heard, and ends by SIGKILL.
test("every sample and every example calls lastcall() before the first await", () => {
  const late = [...samples, ...examples].filter(({ name, text }) => {
    // The one that shows how it is done without.
    return name !== "examples/shop/without.js" && waitsFirst(text);
  });
  assert.deepEqual(
    late.map(({ name }) => name),
    [],
  );
});

test("a sample that waits first is found, at whatever its first await is", () => {
  const make = "const service = lastcall();";
  assert.ok(waitsFirst(`const shop = await openShop();\n${make}`));
  assert.ok(waitsFirst(`const { openShop } = await import("./shop.js");\n${make}`));
  assert.ok(
    waitsFirst("const app = await create(Module);\nattachNest(service, app).listen(3000);"),
  );
  assert.ok(!waitsFirst(`${make}\nconst shop = await openShop();`));
  assert.ok(!waitsFirst(`// await\n${make}`));
  assert.ok(!waitsFirst(`const app = async () => {\n  await load();\n};\n${make}`));
});
