// @ts-check

/** @typedef {{ left: string | undefined, right: string | undefined, isSame: boolean }} Row */

/**
 * Lines two texts up: a longest common subsequence, and between its lines what only one text has,
 * side by side.
 *
 * @param {string} before
 * @param {string} after
 * @returns {Row[]}
 */
export function compareLines(before, after) {
  const left = before.trimEnd().split("\n");
  const right = after.trimEnd().split("\n");
  const common = measureCommon(left, right);
  /** @type {Row[]} */
  const rows = [];
  /** @type {string[]} */
  const removed = [];
  /** @type {string[]} */
  const added = [];
  const settle = () => {
    const count = Math.max(removed.length, added.length);
    for (let row = 0; row < count; row += 1) {
      rows.push({ left: removed[row], right: added[row], isSame: false });
    }
    removed.length = 0;
    added.length = 0;
  };
  let [i, j] = [0, 0];
  while (i < left.length || j < right.length) {
    if (i < left.length && left[i] === right[j]) {
      settle();
      rows.push({ left: left[i], right: right[j], isSame: true });
      i += 1;
      j += 1;
    } else if (j >= right.length || (i < left.length && length(i + 1, j) >= length(i, j + 1))) {
      removed.push(left[i] ?? "");
      i += 1;
    } else {
      added.push(right[j] ?? "");
      j += 1;
    }
  }
  settle();
  return rows;

  /** @type {(i: number, j: number) => number} */
  function length(i, j) {
    return common[i]?.[j] ?? 0;
  }
}

/**
 * Lengths of the longest common subsequences of all pairs of tails.
 *
 * @param {readonly string[]} left
 * @param {readonly string[]} right
 */
function measureCommon(left, right) {
  const lengths = Array.from({ length: left.length + 1 }, () =>
    Array.from({ length: right.length + 1 }, () => 0),
  );
  for (let i = left.length - 1; i >= 0; i -= 1) {
    for (let j = right.length - 1; j >= 0; j -= 1) {
      const isSame = left[i] === right[j];
      const [row, next] = [lengths[i] ?? [], lengths[i + 1] ?? []];
      row[j] = isSame ? 1 + (next[j + 1] ?? 0) : Math.max(next[j] ?? 0, row[j + 1] ?? 0);
    }
  }
  return lengths;
}
