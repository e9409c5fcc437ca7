// Circles of imports.

/**
 * The sets of files of which each imports all the others, be it over several steps (Tarjan's strongly
 * connected components), each sorted.
 *
 * @param {ReadonlyMap<string, readonly string[]>} graph what each file imports
 * @returns {string[][]}
 */
export function findCircles(graph) {
  /** @type {Map<string, { index: number, low: number, isOpen: boolean }>} */
  const seen = new Map();
  /** @type {string[]} */
  const stack = [];
  /** @type {string[][]} */
  const circles = [];
  const visit = (/** @type {string} */ file) => {
    const mine = { index: seen.size, low: seen.size, isOpen: true };
    seen.set(file, mine);
    stack.push(file);
    for (const target of graph.get(file) ?? []) {
      const known = seen.get(target);
      if (known === undefined) mine.low = Math.min(mine.low, visit(target).low);
      else if (known.isOpen) mine.low = Math.min(mine.low, known.index);
    }
    if (mine.low === mine.index) close(file);
    return mine;
  };
  const close = (/** @type {string} */ file) => {
    const circle = stack.splice(stack.indexOf(file));
    for (const one of circle) {
      const known = seen.get(one);
      if (known !== undefined) known.isOpen = false;
    }
    if (circle.length > 1 || graph.get(file)?.includes(file) === true) circles.push(circle.sort());
  };
  for (const file of graph.keys()) if (!seen.has(file)) visit(file);
  return circles;
}
