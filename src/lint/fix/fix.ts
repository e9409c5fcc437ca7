// fix/: the edits of findings made in their texts, and shown as a diff.
import type { Project } from "../files/project.js";
import type { LintFinding } from "../rules/finding.js";
import type { Edit } from "../rules/rule.js";
import type { Source } from "../source/source.js";

/** A file as it is, and as its edits make it. */
export interface Fixed {
  readonly source: Source;
  readonly text: string;
  /** How many edits that took. */
  readonly edits: number;
}

/** The edits of all findings. Of two that touch each other the first is made: what is left shows in the next run. */
export function fix(project: Project, findings: readonly LintFinding[]): readonly Fixed[] {
  const byFile = new Map<string, Edit[]>();
  for (const { edit } of findings) {
    if (edit !== null) byFile.set(edit.spot.file, [...(byFile.get(edit.spot.file) ?? []), edit]);
  }
  return [...byFile].flatMap(([file, edits]) => {
    const source = project.source(file);
    // Bytes that are no UTF-8 would not come out as they went in.
    return source === undefined || source.encoding.isLossy ? [] : [applyEdits(source, edits)];
  });
}

function applyEdits(source: Source, all: readonly Edit[]): Fixed {
  const sorted = all.toSorted((a, b) => a.spot.start - b.spot.start || a.spot.end - b.spot.end);
  let [text, at, edits] = ["", 0, 0];
  for (const { spot, text: replacement } of sorted) {
    if (spot.start < at) continue;
    text += source.text.slice(at, spot.start) + replacement;
    at = spot.end;
    edits += 1;
  }
  return { source, text: text + source.text.slice(at), edits };
}
