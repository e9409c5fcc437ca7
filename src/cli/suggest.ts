/** The known word that was probably meant, or undefined when none is near. */
export function suggest(word: string, known: readonly string[]): string | undefined {
  const ranked = known
    .map((candidate) => ({ candidate, distance: measure(word, candidate) }))
    .sort((a, b) => a.distance - b.distance);
  const best = ranked[0];
  // A third of the letters wrong is still a slip; more is another word.
  const isNear = best !== undefined && best.distance <= Math.max(1, best.candidate.length / 3);
  return isNear ? best.candidate : undefined;
}

/** Levenshtein distance, one row at a time. */
function measure(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (const [i, char] of [...a].entries()) {
    const next = [i + 1];
    for (let j = 1; j <= b.length; j += 1) {
      const change = (row[j - 1] ?? 0) + (char === b[j - 1] ? 0 : 1);
      next.push(Math.min(change, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
