/** The known word that was probably meant, or undefined when none is near. */
export function suggest(word: string, known: readonly string[]): string | undefined {
  return suggestSeveral(word, known)[0];
}

// As many as are read.
const SEVERAL = 4;
// Fewer letters are part of too many words.
const PART = 3;

/** The known words that may have been meant, nearest first: those a slip away, then those it is a part of. */
export function suggestSeveral(word: string, known: readonly string[]): string[] {
  const near = known
    .map((candidate) => ({ candidate, distance: measure(word, candidate) }))
    // A third of the letters wrong is still a slip; more is another word.
    .filter(({ candidate, distance }) => distance <= Math.max(1, candidate.length / 3))
    .sort((a, b) => a.distance - b.distance)
    .map(({ candidate }) => candidate);
  const longer = word.length < PART ? [] : known.filter((candidate) => candidate.includes(word));
  return [...new Set([...near, ...longer])].slice(0, SEVERAL);
}

/** Levenshtein distance, in which two letters that changed places are one slip, row by row. */
function measure(a: string, b: string): number {
  let before: number[] = [];
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const change = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      const hasSwapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      const swap = hasSwapped ? (before[j - 2] ?? 0) + 1 : change;
      next.push(Math.min(change, swap, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    before = row;
    row = next;
  }
  return row[b.length] ?? 0;
}
