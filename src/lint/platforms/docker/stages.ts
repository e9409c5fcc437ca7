import type { Instruction } from "../../read/dockerfile/dockerfile.js";
import type { Spot } from "../../source/source.js";

/** A stage of a Dockerfile. */
export interface Stage {
  /** As `AS` names it. */
  readonly name: string | null;
  /** The image, with its variables filled in; null where one of them has no value. */
  readonly from: string | null;
  readonly fromSpot: Spot;
  readonly instructions: readonly Instruction[];
  readonly spot: Spot;
}

/** Splits a Dockerfile at its FROMs. */
export function listStages(instructions: readonly Instruction[]): readonly Stage[] {
  const variables = new Map<string, string | null>();
  const stages: (Stage & { instructions: Instruction[] })[] = [];
  for (const instruction of instructions) {
    const current = stages.at(-1);
    if (instruction.keyword === "FROM") stages.push(openStage(instruction, variables));
    else if (current !== undefined) current.instructions.push(instruction);
    else if (instruction.keyword === "ARG") readArguments(instruction, variables);
  }
  return stages;
}

function openStage(
  { words, textSpot, spot }: Instruction,
  variables: ReadonlyMap<string, string | null>,
): Stage & { instructions: Instruction[] } {
  const [image, as, name] = words;
  const isNamed = as?.text.toLowerCase() === "as" && name !== undefined;
  return {
    name: isNamed ? name.text : null,
    from: expand(image?.text ?? "", variables),
    fromSpot: image?.spot ?? textSpot,
    instructions: [],
    spot,
  };
}

/** The ARGs before the first FROM are those that a FROM can use. */
function readArguments({ words }: Instruction, variables: Map<string, string | null>): void {
  for (const { text } of words) {
    const [name = "", ...rest] = text.split("=");
    variables.set(name, rest.length === 0 ? null : unquote(rest.join("=")));
  }
}

const VARIABLE = /\$(?:\{(\w+)(?::?-([^}]*))?\}|(\w+))/g;

/** Fills variables in; null where one has no value. */
export function expand(text: string, variables: ReadonlyMap<string, string | null>): string | null {
  let isKnown = true;
  const expanded = text.replaceAll(
    VARIABLE,
    (_, braced: string | undefined, fallback: string | undefined, bare: string | undefined) => {
      const value = variables.get(braced ?? bare ?? "") ?? fallback;
      if (value === undefined) isKnown = false;
      return value ?? "";
    },
  );
  return isKnown ? expanded : null;
}

/** Without the quotes around it. */
export function unquote(text: string): string {
  return /^(["']).*\1$/s.test(text) ? text.slice(1, -1) : text;
}

/** A stage and the stages of the same file that it is made from, its own first. */
export function lineage(stages: readonly Stage[], stage: Stage): readonly Stage[] {
  const line: Stage[] = [stage];
  let from = stage.from;
  for (;;) {
    const before = stages.slice(0, stages.indexOf(line.at(-1) ?? stage));
    const base = before.findLast(
      ({ name }) => name !== null && name.toLowerCase() === from?.toLowerCase(),
    );
    if (base === undefined) return line;
    line.push(base);
    from = base.from;
  }
}
