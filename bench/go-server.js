import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import readline from "node:readline";

import { certificate } from "./certificate.js";

/** Builds bench/go; gives the reason where that cannot be. */
export function buildGo() {
  if (process.platform !== "linux") return { skipped: "the Go program reads Linux's clock" };
  const folder = mkdtempSync(path.join(os.tmpdir(), "lastcall-bench-"));
  const [binary, cert, key] = ["server", "cert.pem", "key.pem"].map((name) =>
    path.join(folder, name),
  );
  const source = path.join(import.meta.dirname, "go", "main.go");
  try {
    execFileSync("go", ["build", "-o", binary, source], { stdio: ["ignore", "ignore", "pipe"] });
  } catch (error) {
    rmSync(folder, { recursive: true });
    const why = error.code === "ENOENT" ? "Go is not installed" : String(error.stderr);
    return { skipped: why };
  }
  writeFileSync(cert, certificate.cert);
  writeFileSync(key, certificate.key);
  const version = execFileSync("go", ["env", "GOVERSION"], { encoding: "utf8" }).trim();
  return {
    version,
    start: (protocol) => new GoServer(binary, protocol === "h2" ? [cert, key] : []),
    remove: () => rmSync(folder, { recursive: true }),
  };
}

/** One run of the Go program. */
class GoServer {
  constructor(binary, args) {
    this.child = spawn(binary, args, { stdio: ["pipe", "pipe", "ignore"] });
    this.lines = readline.createInterface({ input: this.child.stdout })[Symbol.asyncIterator]();
  }

  /** The next line, which begins with `word`; the rest of it. */
  async says(word) {
    const { value = "" } = await this.lines.next();
    if (!value.startsWith(word))
      throw new Error(`expected "${word}" of the Go program, got "${value}"`);
    return value.slice(word.length).trim();
  }

  tell(word) {
    this.child.stdin.write(`${word}\n`);
  }
}
