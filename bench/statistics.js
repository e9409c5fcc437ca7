/** The value below which the share `part` of the sorted sample lies. */
export function quantile(sample, part) {
  const sorted = [...sample].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))];
}

/** Median, and the range that half of the sample lies in. */
export function summary(sample, digits = 3) {
  const [low, middle, high] = [0.25, 0.5, 0.75].map((part) =>
    quantile(sample, part).toFixed(digits),
  );
  return `median ${middle}, half of all between ${low} and ${high}, n = ${sample.length}`;
}
