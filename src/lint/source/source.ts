// source/: what was read, and where its parts stand: texts, positions, trees of values. Each parser gives these, and
// each rule points at them.

/** A range of a file. Always inside it. */
export interface Spot {
  /** As the file is named in findings: relative to the root that was given, with `/`. */
  readonly file: string;
  /** The offset of its first UTF-16 unit, from 0. */
  readonly start: number;
  /** The offset behind its last one. */
  readonly end: number;
  /** From 1. */
  readonly line: number;
  /** In UTF-16 units, from 1. */
  readonly column: number;
}

/** What a parser did not understand, as data: no parser throws. */
export interface Problem {
  readonly spot: Spot;
  /** One sentence without a full stop. */
  readonly what: string;
}

/** What a parser gives: what it understood, and what it did not. */
export interface Read<T> {
  readonly value: T;
  readonly problems: readonly Problem[];
}

/** How a text was stored, which an edit keeps. */
export interface Encoding {
  readonly hasBom: boolean;
  /** Bytes that are no UTF-8 were replaced: such a file is never written. */
  readonly isLossy: boolean;
}

/** The text of one file. */
export class Source {
  readonly file: string;
  /** Without a byte order mark. */
  readonly text: string;
  readonly encoding: Encoding;
  #starts: number[] | undefined;

  constructor(
    file: string,
    text: string,
    encoding: Encoding = { hasBom: text.startsWith("\uFEFF"), isLossy: false },
  ) {
    this.file = file;
    this.text = text.startsWith("\uFEFF") ? text.slice(1) : text;
    this.encoding = encoding;
  }

  /** The range from `start` to before `end`. What lies outside the text is moved to its border. */
  spot(start: number, end: number = start): Spot {
    const from = clamp(start, 0, this.text.length);
    const to = clamp(end, from, this.text.length);
    const line = this.#lineAt(from);
    const column = from - (this.#lineStarts()[line] ?? 0) + 1;
    return { file: this.file, start: from, end: to, line: line + 1, column };
  }

  /** The text at a spot of this file. */
  at({ start, end }: Spot): string {
    return this.text.slice(start, end);
  }

  /** A line's text without its end; `line` is counted from 1. */
  line(line: number): string {
    const starts = this.#lineStarts();
    const from = starts[line - 1];
    if (from === undefined) return "";
    return this.text.slice(from, starts[line] ?? this.text.length).replace(/\r?\n$/, "");
  }

  /** How many lines it has. */
  get lines(): number {
    return this.#lineStarts().length;
  }

  #lineAt(offset: number): number {
    const starts = this.#lineStarts();
    let [low, high] = [0, starts.length - 1];
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if ((starts[middle] ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  #lineStarts(): readonly number[] {
    if (this.#starts !== undefined) return this.#starts;
    const starts = [0];
    for (let at = this.text.indexOf("\n"); at !== -1; at = this.text.indexOf("\n", at + 1)) {
      starts.push(at + 1);
    }
    this.#starts = starts;
    return starts;
  }
}

function clamp(value: number, least: number, most: number): number {
  return Math.max(least, Math.min(most, Number.isFinite(value) ? Math.floor(value) : least));
}
