import { isFilledPerRequest } from "../request/fill.js";

/** The names JetBrains' client and VS Code's give to what lastcall fills in for each request. */
const PER_REQUEST: Readonly<Record<string, string>> = {
  $guid: "$uuid",
  "$random.uuid": "$uuid",
  "$random.integer": "$randomInt",
};

const PLACE = /\{\{\s*([^{}]+?)\s*\}\}/gu;
const MAX_DEPTH = 20;

/** The variables of a `.http` file: `@host = http://localhost:3000`. They hold in the whole file. */
export class Variables {
  readonly #values = new Map<string, string>();
  readonly #env: Readonly<NodeJS.ProcessEnv>;

  constructor(env: Readonly<NodeJS.ProcessEnv>) {
    this.#env = env;
  }

  set(name: string, value: string): void {
    this.#values.set(name, value);
  }

  /**
   * Replaces what the file defines, and leaves what is filled in for each request. Throws an Error,
   * one sentence, for a name that is not defined, unless `otherwise` stands for those.
   */
  expand(text: string, otherwise?: string, depth = 0): string {
    return text.replace(PLACE, (_place, name: string) => {
      const value = this.#values.get(name);
      if (value !== undefined && depth < MAX_DEPTH) return this.expand(value, otherwise, depth + 1);
      if (value !== undefined) throw new Error(`Expected \`@${name}\` not to contain itself`);
      return this.#known(name) ?? otherwise ?? refuse(name);
    });
  }

  #known(name: string): string | undefined {
    const variable = /^\$(?:processEnv\s+|env\.)(\w+)$/u.exec(name)?.[1];
    if (variable !== undefined) {
      const value = this.#env[variable];
      if (value !== undefined) return value;
      throw new Error(`Expected the environment to have \`${variable}\`, which the file asks for`);
    }
    const [first = "", ...rest] = name.split(/[\s(),]+/u).filter((word) => word !== "");
    const own = [PER_REQUEST[first] ?? first, ...rest].join(" ");
    return isFilledPerRequest(own) ? `{{${own}}}` : undefined;
  }
}

function refuse(name: string): never {
  throw new Error(`Expected a variable that is defined, got \`{{${name}}}\`: add \`@${name} = …\``);
}
