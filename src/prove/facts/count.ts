/** 12480 → `12,480`. */
export function formatCount(count: number): string {
  return count.toLocaleString("en-US");
}
