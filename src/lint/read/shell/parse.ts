// shell/: the commands of a line or a script of a shell, one after the other, and what stands between them. What a
// variable or a condition decides is left open.
import type { ShellWord, Token } from "./token.js";
import { readTokens } from "./tokens.js";

/** What a shell is told to run. */
export interface ShellScript {
  readonly commands: readonly ShellCommand[];
  /** Whether all of it was understood. Where not, nothing follows from it. */
  readonly isUnderstood: boolean;
}

export interface ShellCommand {
  /** Without assignments in front, redirections, and `exec`. */
  readonly words: readonly ShellWord[];
  /** Whether it takes the shell's place. */
  readonly isExec: boolean;
  /** The operator behind it; `;` for the end of a line, null at the end of the text. */
  readonly next: "&&" | "||" | ";" | "|" | "&" | null;
  /** In how many conditions, loops, functions, subshells and groups it stands. */
  readonly depth: number;
  readonly start: number;
  readonly end: number;
}

interface Compound {
  readonly stops: readonly string[];
  readonly end: string;
}

// Deeper than any script that a person has written, and far from the end of the stack.
const DEPTH = 50;

const COMPOUNDS: ReadonlyMap<string, Compound> = new Map([
  ["if", { stops: ["then", "elif", "else", "fi"], end: "fi" }],
  ["while", { stops: ["do", "done"], end: "done" }],
  ["until", { stops: ["do", "done"], end: "done" }],
  ["for", { stops: ["do", "done"], end: "done" }],
  ["select", { stops: ["do", "done"], end: "done" }],
  ["{", { stops: ["}"], end: "}" }],
  ["(", { stops: [")"], end: ")" }],
]);

const NEXT: ReadonlyMap<string, ShellCommand["next"]> = new Map([
  ["&&", "&&"],
  ["||", "||"],
  ["|", "|"],
  ["|&", "|"],
  ["&", "&"],
  [";", ";"],
  [";;", ";"],
  ["\n", ";"],
]);

const HEADS = new Set(["for", "select"]);

/** Reads a script, or what `sh -c` is given. Never throws. Places are counted from the beginning of the text. */
export function parseShell(text: string): ShellScript {
  return new Parser(text).parse();
}

class Parser {
  readonly #tokens: readonly Token[];
  readonly #commands: ShellCommand[] = [];
  readonly #functions = new Set<string>();
  #isUnderstood: boolean;
  #at = 0;

  constructor(text: string) {
    const { tokens, isClosed } = readTokens(text);
    this.#tokens = tokens;
    this.#isUnderstood = isClosed;
  }

  parse(): ShellScript {
    this.#readList([], 0);
    if (this.#at < this.#tokens.length) this.#isUnderstood = false;
    // A function of the script's may end in any way.
    if (this.#commands.some(({ words }) => this.#functions.has(words[0]?.text ?? ""))) {
      this.#isUnderstood = false;
    }
    return { commands: this.#commands, isUnderstood: this.#isUnderstood };
  }

  /** Commands up to a word that ends them, which is not taken. */
  #readList(stops: readonly string[], depth: number): void {
    for (;;) {
      while (this.#take("\n") || this.#take(";")) continue;
      if (this.#at >= this.#tokens.length || this.#isAnyOf(stops)) return;
      const before = this.#at;
      const count = this.#commands.length;
      this.#readPart(depth);
      if (this.#at === before) return;
      if (this.#commands.length > count) this.#setNext();
      this.#skipOperator();
    }
  }

  #readPart(depth: number): void {
    while (this.#take("!") || this.#take("time")) continue;
    const word = this.#reserved();
    const compound = COMPOUNDS.get(word ?? "");
    if (depth >= DEPTH) this.#giveUp();
    else if (word === "case") this.#readCase(depth);
    else if (word === "function") this.#readFunctionWord(depth);
    else if (word === "[[") this.#skipTo("]]");
    else if (compound !== undefined) this.#readCompound(compound, depth);
    else this.#readSimple(depth);
  }

  #readCompound({ stops, end }: Compound, depth: number): void {
    // The words of a loop are no commands.
    if (HEADS.has(this.#reserved() ?? "")) this.#skipToAny(["do", "{", "done"]);
    else this.#at += 1;
    for (;;) {
      this.#readList(stops, depth + 1);
      if (this.#take(end)) return;
      if (!this.#isAnyOf(stops)) return this.#giveUp();
      this.#at += 1;
    }
  }

  #readCase(depth: number): void {
    this.#skipTo("in");
    for (;;) {
      while (this.#take("\n") || this.#take(";;") || this.#take("(")) continue;
      if (this.#take("esac")) return;
      if (!this.#skipTo(")")) return;
      this.#readList([";;", "esac"], depth + 1);
      if (!this.#isAnyOf([";;", "esac"])) return this.#giveUp();
    }
  }

  #readSimple(depth: number): void {
    const words: ShellWord[] = [];
    let start: number | undefined;
    let end = 0;
    for (
      let token = this.#tokens[this.#at];
      token?.kind === "word";
      token = this.#tokens[this.#at]
    ) {
      this.#at += 1;
      start ??= token.word.start;
      end = token.word.end;
      const isAssignment = words.length === 0 && /^[A-Za-z_]\w*\+?=/.test(token.word.text);
      if (!isAssignment) words.push(token.word);
    }
    const [first] = words;
    if (first !== undefined && words.length === 1 && this.#take("("))
      return this.#readFunction(first.text, depth);
    const isExec = first?.text === "exec";
    const run = isExec ? afterExec(words) : words;
    if (run.length === 0 || start === undefined) return;
    this.#commands.push({ words: run, isExec, next: null, depth, start, end });
  }

  /** `function stop {`, as bash has it. */
  #readFunctionWord(depth: number): void {
    this.#at += 1;
    const name = this.#reserved() ?? "";
    this.#at += 1;
    this.#take("(");
    this.#readFunction(name, depth);
  }

  #readFunction(name: string, depth: number): void {
    this.#functions.add(name);
    this.#take(")");
    while (this.#take("\n")) continue;
    // Its body is a compound command.
    if (COMPOUNDS.has(this.#reserved() ?? "")) this.#readPart(depth);
    else this.#giveUp();
  }

  /** Gives the last command what stands here as the operator behind it. */
  #setNext(): void {
    const last = this.#commands.at(-1);
    const token = this.#tokens[this.#at];
    if (last === undefined || token?.kind !== "operator") return;
    const next = NEXT.get(token.text);
    if (next !== undefined) this.#commands.splice(-1, 1, { ...last, next });
  }

  #skipOperator(): void {
    for (const operator of ["&&", "||", "|", "|&", "&"]) if (this.#take(operator)) return;
  }

  #skipTo(word: string): boolean {
    return this.#skipToAny([word]) && this.#take(word);
  }

  #skipToAny(words: readonly string[]): boolean {
    while (this.#at < this.#tokens.length && !this.#isAnyOf(words)) this.#at += 1;
    if (this.#at < this.#tokens.length) return true;
    this.#isUnderstood = false;
    return false;
  }

  #giveUp(): void {
    this.#isUnderstood = false;
    this.#at = this.#tokens.length;
  }

  /** The word or operator here. A word that is quoted is none that the shell reserves. */
  #reserved(): string | undefined {
    const token = this.#tokens[this.#at];
    if (token?.kind === "operator") return token.text;
    return token === undefined || token.isQuoted ? undefined : token.word.text;
  }

  #isAnyOf(words: readonly string[]): boolean {
    const word = this.#reserved();
    return word !== undefined && words.includes(word);
  }

  #take(word: string): boolean {
    if (this.#reserved() !== word) return false;
    this.#at += 1;
    return true;
  }
}

/** What `exec -a name program` runs; nothing where it only redirects. */
function afterExec(words: readonly ShellWord[]): readonly ShellWord[] {
  let first = 1;
  while (words[first]?.text.startsWith("-") === true) {
    first += words[first]?.text === "-a" ? 2 : 1;
  }
  return words.slice(first);
}
