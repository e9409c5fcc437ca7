/** A label beside the vertical line of an instant. */
export interface LabelWish {
  /** Where its line is. */
  readonly x: number;
  /** Of its text. */
  readonly width: number;
}

export interface PlacedLabel {
  /** Of its text. */
  readonly left: number;
  /** From 0, the uppermost. Its line runs from there down. */
  readonly row: number;
}

const GAP = 5;

/**
 * Places labels so that none touches another or is crossed by another's line. Returns null for one
 * that does not fit. The wishes come in the order of their x.
 */
export function placeLabels(
  wishes: readonly LabelWish[],
  rows: number,
  width: number,
): (PlacedLabel | null)[] {
  const placed: (PlacedLabel & LabelWish)[] = [];
  return wishes.map((wish) => {
    for (let row = 0; row < rows; row += 1) {
      for (const left of [wish.x + GAP, wish.x - GAP - wish.width]) {
        const label = { ...wish, left, row };
        const isInside = left >= 0 && left + wish.width <= width;
        if (!isInside || placed.some((other) => isClash(label, other))) continue;
        placed.push(label);
        return { left, row };
      }
    }
    return null;
  });
}

type Label = PlacedLabel & LabelWish;

function isClash(a: Label, b: Label): boolean {
  const isBeside = a.left + a.width + GAP <= b.left || b.left + b.width + GAP <= a.left;
  if (a.row === b.row && !isBeside) return true;
  return isCrossed(a, b) || isCrossed(b, a);
}

/** Whether the line that runs down from `upper` crosses the text of `lower`. */
function isCrossed(upper: Label, lower: Label): boolean {
  if (upper.row > lower.row || upper === lower) return false;
  return upper.x > lower.left - 2 && upper.x < lower.left + lower.width + 2;
}
