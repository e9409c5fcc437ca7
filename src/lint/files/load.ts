import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { Source } from "../source/source.js";

/** A file of a deployment is small: what is larger is data. */
const LARGEST = 4_000_000;

/** A file that was read, or why not. */
export type Loaded =
  { readonly source: Source; readonly why: null } | { readonly source: null; readonly why: string };

/** Reads a text, within bounds. `name` is what it is called in findings. */
export function loadFile(absolute: string, name: string): Loaded {
  let descriptor: number;
  try {
    descriptor = openSync(absolute, "r");
  } catch (error) {
    return refuse(error);
  }
  try {
    const { size } = fstatSync(descriptor);
    if (size > LARGEST) return { source: null, why: `it is larger than ${LARGEST / 1_000_000} MB` };
    const bytes = Buffer.alloc(size);
    const length = size === 0 ? 0 : readSync(descriptor, bytes, 0, size, 0);
    return { source: decode(bytes.subarray(0, length), name), why: null };
  } catch (error) {
    return refuse(error);
  } finally {
    closeSync(descriptor);
  }
}

function refuse(error: unknown): Loaded {
  return {
    source: null,
    why: `it cannot be read (${String((error as NodeJS.ErrnoException).code)})`,
  };
}

/** Bytes to a text: UTF-8, or UTF-16 where its mark says so. */
export function decode(bytes: Uint8Array, name: string): Source {
  const [first, second] = bytes;
  if (first === 0xff && second === 0xfe) {
    const text = new TextDecoder("utf-16le").decode(bytes);
    // An edit would be written as UTF-8.
    return new Source(name, text, { hasBom: true, isLossy: true });
  }
  const text = new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);
  const hasBom = text.startsWith("\uFEFF");
  const isLossy = text.includes("\uFFFD");
  return new Source(name, text, { hasBom, isLossy });
}
