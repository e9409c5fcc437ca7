import { readFileSync } from "node:fs";
import path from "node:path";
import { readHar } from "./har.js";
import { readHttpFile } from "./http-file.js";
import { TrafficError, type Traffic } from "./traffic.js";

/** A kind of file that describes requests. */
export type TrafficKind = "http" | "har" | "openapi";

/** Reads a file of requests. Throws TrafficError: one sentence, with file and line. */
export async function readTraffic(
  kind: TrafficKind,
  file: string,
  env: Readonly<NodeJS.ProcessEnv>,
): Promise<Traffic> {
  const text = readText(file);
  if (kind === "http") {
    const folder = path.dirname(file);
    return readHttpFile(file, text, {
      env,
      include: (name) => readIncluded(path.resolve(folder, name)),
    });
  }
  if (kind === "har") return readHar(file, text);
  const { readOpenApi } = await import("./openapi.js");
  return readOpenApi(file, text);
}

function readText(file: string): string {
  try {
    // Windows' editors begin a file with a byte order mark, which JSON does not allow.
    return readFileSync(file, "utf8").replace(/^\uFEFF/u, "");
  } catch (error) {
    throw new TrafficError(file, null, `Expected a file that can be read (${codeOf(error)})`);
  }
}

function readIncluded(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    throw new Error(`Expected \`${file}\` to be a file that can be read (${codeOf(error)})`, {
      cause: error,
    });
  }
}

function codeOf(error: unknown): string {
  return String((error as NodeJS.ErrnoException).code);
}
