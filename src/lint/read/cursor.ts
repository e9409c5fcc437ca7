/** A place in a text that moves forward. */
export class Cursor {
  readonly text: string;
  at: number;
  readonly #end: number;

  constructor(text: string, start = 0, end: number = text.length) {
    this.text = text;
    this.at = start;
    this.#end = end;
  }

  get isAtEnd(): boolean {
    return this.at >= this.#end;
  }

  /** The character that many further on; "" behind the end. */
  peek(ahead = 0): string {
    const place = this.at + ahead;
    return place < this.#end ? this.text.charAt(place) : "";
  }

  startsWith(word: string): boolean {
    return this.at + word.length <= this.#end && this.text.startsWith(word, this.at);
  }

  /** Moves on by that many characters, not past the end. */
  skip(count = 1): void {
    this.at = Math.min(this.#end, this.at + count);
  }

  /** Moves behind the word, where it stands here. */
  take(word: string): boolean {
    if (!this.startsWith(word)) return false;
    this.skip(word.length);
    return true;
  }

  /** Moves on as long as the characters are such. */
  skipWhile(isSuch: (char: string) => boolean): void {
    while (!this.isAtEnd && isSuch(this.peek())) this.at += 1;
  }

  /** Moves to the end of the line, before what ends it. */
  skipLine(): void {
    this.skipWhile((char) => char !== "\n" && char !== "\r");
  }

  /** Moves behind the next such word, or to the end; whether there was one. */
  skipPast(word: string): boolean {
    const found = this.text.indexOf(word, this.at);
    const isFound = found !== -1 && found + word.length <= this.#end;
    this.at = isFound ? found + word.length : this.#end;
    return isFound;
  }

  since(start: number): { start: number; end: number } {
    return { start, end: this.at };
  }

  slice(start: number): string {
    return this.text.slice(start, this.at);
  }
}

export function isBlank(char: string): boolean {
  return char === " " || char === "\t" || char === "\r" || char === "\n" || char === "\uFEFF";
}
