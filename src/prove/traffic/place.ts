import { TrafficError } from "./traffic.js";
import type { Path, SourceDocument } from "./yaml.js";

// A chain of references, or one that leads back to itself.
const MAX_REFERENCES = 32;

/** Where a part stands: in which document, and under which keys. */
interface Location {
  readonly source: SourceDocument;
  readonly file: string;
  readonly path: Path;
}

/** A part of an OpenAPI document, with where it stands. References are followed as it is read. */
export class Place {
  readonly value: unknown;
  /** Its name in what it was reached from. */
  readonly key: string;
  readonly #at: Location;

  constructor(at: Location, value: unknown, key: string) {
    this.#at = at;
    this.value = value;
    this.key = key;
  }

  get line(): number {
    return this.#at.source.lineOf(this.#at.path);
  }

  /** Undefined when there is no such part. */
  get(key: string | number): Place | undefined {
    if (typeof this.value !== "object" || this.value === null || !Object.hasOwn(this.value, key))
      return undefined;
    const value: unknown = (this.value as Record<string | number, unknown>)[key];
    const at = { ...this.#at, path: [...this.#at.path, key] };
    return new Place(at, value, String(key)).#follow();
  }

  /** Its text; undefined when it is none. */
  text(key: string): string | undefined {
    const value = this.get(key)?.value;
    return typeof value === "string" ? value : undefined;
  }

  /** Its parts, by name or in order. */
  parts(): Place[] {
    if (typeof this.value !== "object" || this.value === null) return [];
    const keys = Array.isArray(this.value) ? this.value.keys() : Object.keys(this.value);
    return [...keys].map((key) => this.get(key)).filter((part) => part !== undefined);
  }

  /** Throws a TrafficError with its line. */
  fail(what: string): never {
    throw new TrafficError(this.#at.file, this.line, what);
  }

  #follow(depth = 0): Place {
    const reference = (this.value as { $ref?: unknown } | null)?.$ref;
    if (typeof reference !== "string") return this;
    if (depth > MAX_REFERENCES) this.fail(`Expected \`${reference}\` not to lead back to itself`);
    if (!reference.startsWith("#/")) {
      this.fail(`Expected a reference inside this file, got \`${reference}\``);
    }
    const path = reference.slice(2).split("/").map(decodePointer);
    let value = this.#at.source.value;
    for (const key of path) {
      const isThere = typeof value === "object" && value !== null && Object.hasOwn(value, key);
      if (!isThere) this.fail(`Expected \`${reference}\` to exist`);
      value = (value as Record<string, unknown>)[key];
    }
    return new Place({ ...this.#at, path }, value, this.key).#follow(depth + 1);
  }
}

/** RFC 6901 §4, in a URI fragment (§6). */
function decodePointer(token: string): string {
  return decodeURIComponent(token).replaceAll("~1", "/").replaceAll("~0", "~");
}
