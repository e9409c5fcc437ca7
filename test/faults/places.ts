import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";

import { root } from "../package/project.js";

/** How lastcall stands between itself and what may throw: the methods of its fence. */
type Method = "ask" | "askNode" | "invoke" | "settle" | "attempt" | "callback" | "step" | "failed";

/** One call of the fence, with the name that its source gives the place. */
export interface Place {
  readonly method: Method;
  readonly name: string;
  readonly file: string;
}

const CALL =
  /(?:(?:[fF]ence\w*|service)\.(ask|askNode|invoke|settle|attempt|callback|step|failed)|this\.#(step))\(\s*(?:"([^"]+)"|`([^`$]*)[^`]*`)/g;

/** Built on the library: their errors are their callers'. */
const OTHERS = /^(prove|cli|clients|adapters)\//;

/** Every place at which the library's source calls its fence by a name. */
export function findPlaces(): Place[] {
  const folder = path.join(root, "src");
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" })
    .map((file) => file.replaceAll("\\", "/"))
    .filter((file) => file.endsWith(".ts") && !OTHERS.test(file) && file !== "fence.ts");
  return files.flatMap((file) => placesIn(file, readFileSync(path.join(folder, file), "utf8")));
}

export function placesIn(file: string, text: string): Place[] {
  return [...text.matchAll(CALL)].map(([, method, own, name, template]) => ({
    method: (method ?? own) as Method,
    name: name ?? template ?? "",
    file,
  }));
}
