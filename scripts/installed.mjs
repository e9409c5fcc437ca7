// What the scripts share that run real packages.
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import * as fs from "node:fs";
import net from "node:net";
import path from "node:path";
import { promisify } from "node:util";

const CACHE = path.join(import.meta.dirname, "..", "node_modules", ".cache", "lastcall");

/** A folder of the cache that `make` fills, once for each text of the file that pins what is in it; resolves to the folder. */
export async function filled(name, pins, make, cache = CACHE) {
  const text = fs.readFileSync(pins, "utf8");
  const hash = createHash("sha256").update(text).digest("hex").slice(0, 12);
  const folder = path.join(cache, `${name}-${hash}`);
  if (!fs.existsSync(path.join(folder, "done"))) {
    fs.mkdirSync(folder, { recursive: true });
    await make(folder, text);
    fs.writeFileSync(path.join(folder, "done"), "");
  }
  return folder;
}

/** Installs what a manifest pins, once, into a folder of the cache; resolves to the folder. */
export function install(name, manifest, cache = CACHE) {
  const make = async (folder, text) => {
    fs.writeFileSync(path.join(folder, "package.json"), text);
    const args = ["install", "--no-audit", "--no-fund", "--ignore-scripts", "--legacy-peer-deps"];
    await promisify(execFile)("npm", args, { cwd: folder });
  };
  return filled(name, manifest, make, cache);
}

export async function freePort() {
  const server = net.createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  server.close();
  await once(server, "close");
  return port;
}
