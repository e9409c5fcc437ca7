// yaml/: YAML to trees, document by document. JSON is YAML too, but json.ts reads it without this package.
import type { Problem, Read, Source } from "../../source/source.js";
import type { Tree } from "../../source/tree.js";
import { compose, type Composed } from "./parse.js";

/** One document of a file. */
export interface YamlDocument {
  /** Null for one that is empty, or has faults. */
  readonly tree: Tree | null;
  /** Where its content begins. */
  readonly start: number;
}

/** Reads every document: what is wrong with one hides no other. */
export function readYaml(source: Source): Read<readonly YamlDocument[]> {
  const composed = composeSafely(source);
  return {
    value: composed.map(({ tree, start }) => ({ tree, start })),
    problems: composed.flatMap(({ problems }) => problems),
  };
}

function composeSafely(source: Source): readonly Composed[] {
  try {
    return compose(source);
  } catch (error) {
    // The package overflows the stack on thousands of open brackets.
    const what = error instanceof RangeError ? "it is nested too deeply" : "it cannot be read";
    const problems: Problem[] = [{ spot: source.spot(0), what }];
    return [{ tree: null, start: 0, problems }];
  }
}
