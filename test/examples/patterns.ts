import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";

import { read, root } from "../package/project.js";

/** The programs that a document shows; notes which of them a test has run. */
export class Patterns {
  readonly #document: string;
  readonly #folder: string;
  readonly #unused: Set<string>;

  constructor(document: string, folder: string) {
    this.#document = document;
    this.#folder = folder;
    this.#unused = new Set(readdirSync(path.join(root, folder)));
  }

  /** The exports of one. */
  async use<T>(file: string): Promise<T> {
    this.#unused.delete(file);
    return (await import(pathToFileURL(path.join(root, this.#folder, file)).href)) as T;
  }

  /** Fails unless every program of the document is one of these, and has been run. */
  check(): void {
    const text = read(this.#document);
    const shown = [...text.matchAll(/<!-- source: (.+?) -->\n\n```js\n/g)].map(
      ([, file = ""]) => file,
    );
    const blocks = [...text.matchAll(/^```js$/gm)];
    assert.equal(blocks.length, shown.length, "a program without a source");
    const files = readdirSync(path.join(root, this.#folder));
    assert.deepEqual(
      shown.toSorted(),
      files.map((file) => `${this.#folder}/${file}`),
    );
    assert.deepEqual([...this.#unused], [], "programs that no test has run");
  }
}
