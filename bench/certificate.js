import { readFileSync } from "node:fs";
import path from "node:path";

const source = path.join(import.meta.dirname, "..", "test", "harness", "tls.ts");
const [key, cert] = readFileSync(source, "utf8").match(/-----BEGIN[^`]+/g);

/** The tests' own certificate for localhost. */
export const certificate = { key, cert };
