// Loaded only when a document is read or a line is looked for: nothing else of the command needs it.
import { isNode, LineCounter, parseDocument, type Document } from "yaml";
import { TrafficError } from "./traffic.js";

export type Path = readonly (string | number)[];

/** A YAML or JSON document, and where its parts stand. */
export class SourceDocument {
  readonly value: unknown;
  readonly #document: Document;
  readonly #lines: LineCounter;

  constructor(text: string) {
    this.#lines = new LineCounter();
    // Duplicate keys are errors: one of them would be ignored in silence.
    this.#document = parseDocument(text, { lineCounter: this.#lines, prettyErrors: false });
    this.value =
      this.#document.errors.length === 0 ? (this.#document.toJS() as unknown) : undefined;
  }

  /** Throws a TrafficError for the first fault. */
  check(file: string): void {
    const [error] = this.#document.errors;
    if (error === undefined) return;
    const { line } = this.#lines.linePos(error.pos[0]);
    throw new TrafficError(
      file,
      line,
      `Expected YAML or JSON: ${error.message.split("\n")[0] ?? ""}`,
    );
  }

  /** The line of a part, or of the nearest one around it that there is. */
  lineOf(path: Path): number {
    for (let length = path.length; length > 0; length -= 1) {
      const node: unknown = this.#document.getIn(path.slice(0, length), true);
      const range = isNode(node) ? node.range : undefined;
      if (range) return this.#lines.linePos(range[0]).line;
    }
    return 1;
  }
}

/** The line of a part of a document that has already been read otherwise. */
export function findLineOf(text: string, path: Path): number {
  return new SourceDocument(text).lineOf(path);
}
