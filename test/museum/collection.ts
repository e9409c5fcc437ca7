import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";

/** The repository, seen from build/test/museum/. */
const root: string = path.join(import.meta.dirname, "..", "..", "..");
export const services: string = path.join(root, "test", "fixtures", "services");
export const script: string = path.join(root, "scripts", "museum.mjs");
export const comparison: string = path.join(root, "scripts", "museum", "compare.mjs");

/** A folder of the museum, as its service.json describes it. */
export interface Exhibit {
  readonly folder: string;
  /** What its broken services have; null where all stop in order. */
  readonly finding: string | null;
  /** What the same defect shows as well: how its requests were lost. */
  readonly beside?: readonly string[];
  readonly services: Readonly<Record<string, Service>>;
}

export interface Service {
  readonly command?: readonly string[];
  readonly options?: Readonly<Record<string, string | readonly string[] | boolean>>;
  readonly expects: readonly (string | Place)[];
}

interface Place {
  readonly id: string;
  readonly file: string;
  /** From 1. */
  readonly line: number;
}

/** Every folder of the museum. */
export function readExhibits(): Exhibit[] {
  return readdirSync(services, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => {
      const text = readFileSync(path.join(services, name, "service.json"), "utf8");
      return { folder: name, ...(JSON.parse(text) as Omit<Exhibit, "folder">) };
    });
}

export function idsOf({ expects }: Service): string[] {
  return expects.map((expected) => (typeof expected === "string" ? expected : expected.id));
}
