import { documents } from "./markdown.js";
import { read } from "../package/project.js";

/** A block of JavaScript or TypeScript in a document. */
export interface Sample {
  /** Where it stands: `docs/long-lived.md § Event streams`, with a number from the section's second on. */
  readonly name: string;
  readonly language: "js" | "ts";
  readonly text: string;
  /** The file it is, in `examples/`; none for one that is written in the document. */
  readonly source: string | undefined;
}

const PART =
  /^#+ (?<heading>[^\n]+)$|(?:^<!-- source: (?<source>\S+) -->\n+)?^(?<fence>`{3,})(?<language>\w*)\n(?<text>.*?)^\k<fence>$/gms;

/** The samples of a document, in its order. */
function readSamples(document: string): Sample[] {
  const samples: Sample[] = [];
  let section = "";
  let count = 0;
  for (const { groups = {} } of read(document).matchAll(PART)) {
    const { heading, source, language, text = "" } = groups;
    if (heading !== undefined) [section, count] = [heading, 0];
    if (language !== "js" && language !== "ts") continue;
    count++;
    const name = `${document} § ${section}${count === 1 ? "" : ` ${count}`}`;
    samples.push({ name, language, text, source });
  }
  return samples;
}

/** Every sample of every document. */
export const samples: readonly Sample[] = documents
  // Those of lint's rules are what lint reads: `test/lint/pages.test.ts` examines them.
  .filter((file) => !file.startsWith("docs/lint/"))
  .flatMap(readSamples);
