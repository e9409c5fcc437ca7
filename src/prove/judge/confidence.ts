import { formatCount } from "../facts/count.js";
import type { Confidence } from "../facts/result.js";

const DOUBT = 0.05;
// Halvings: more digits than a double has.
const STEPS = 200;

/**
 * The exact interval of Clopper and Pearson for `lost` of `total`. With none lost, or all, it is
 * one-sided, as there is one bound to name: for none the rule of three (about 3 / total).
 */
export function measureConfidence(lost: number, total: number): Confidence {
  if (total === 0) return { lost, total, lower: 0, upper: 1 };
  const isOneSided = lost === 0 || lost === total;
  const tail = isOneSided ? DOUBT : DOUBT / 2;
  // The share at which so few are this improbable, and the one at which so many are.
  const upper = lost === total ? 1 : bisect((share) => atMost(lost, total, share) > tail);
  const lower = lost === 0 ? 0 : bisect((share) => 1 - atMost(lost - 1, total, share) < tail);
  return { lost, total, lower, upper };
}

/** The share at which the condition, true from 0 on, ceases to hold. */
function bisect(holds: (share: number) => boolean): number {
  let low = 0;
  let high = 1;
  for (let step = 0; step < STEPS && low < high; step += 1) {
    const middle = (low + high) / 2;
    if (holds(middle)) low = middle;
    else high = middle;
  }
  return high;
}

/** The probability of at most `most` losses in `total`, each with probability `share`. */
function atMost(most: number, total: number, share: number): number {
  if (share <= 0) return 1;
  if (share >= 1) return most >= total ? 1 : 0;
  // P(X ≤ k) = I(1 − p; n − k, k + 1), the regularised incomplete beta function.
  return betaShare(1 - share, total - most, most + 1);
}

/** Lentz's evaluation of the continued fraction (Abramowitz & Stegun 26.5.8). */
function betaShare(x: number, a: number, b: number): number {
  // It converges fast below the mean; above it the mirror image does.
  if (x > (a + 1) / (a + b + 2)) return 1 - betaShare(1 - x, b, a);
  const scale = a * Math.log(x) + b * Math.log1p(-x) - Math.log(a) - logBeta(a, b);
  let c = 1;
  let d = 1 / keepFrom0(1 - ((a + b) * x) / (a + 1));
  let fraction = d;
  for (let m = 1; m < 10_000; m += 1) {
    for (const term of [
      (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m)),
      (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1)),
    ]) {
      d = 1 / keepFrom0(1 + term * d);
      c = keepFrom0(1 + term / c);
      fraction *= c * d;
    }
    if (Math.abs(c * d - 1) < 1e-15) break;
  }
  return Math.exp(scale) * fraction;
}

function keepFrom0(value: number): number {
  return Math.abs(value) < 1e-300 ? 1e-300 : value;
}

function logBeta(a: number, b: number): number {
  return logGamma(a) + logGamma(b) - logGamma(a + b);
}

// Stirling's series is exact to a double from here on.
const STIRLING_FROM = 15;

/** The logarithm of Γ(x), which is (x − 1)! of a whole number. */
export function logGamma(x: number): number {
  let shift = 0;
  let z = x;
  for (; z < STIRLING_FROM; z += 1) shift -= Math.log(z);
  const series = 1 / (12 * z) - 1 / (360 * z ** 3) + 1 / (1_260 * z ** 5) - 1 / (1_680 * z ** 7);
  return shift + (z - 0.5) * Math.log(z) - z + Math.log(2 * Math.PI) / 2 + series;
}

/** `0 of 52,310; with 95 % confidence fewer than 1 in 17,000`. */
export function describeConfidence({ lost, total, lower, upper }: Confidence): string {
  if (total === 0) return "none could be lost";
  const seen = `${formatCount(lost)} of ${formatCount(total)}`;
  const most = `1 in ${roundDown(1 / upper)}`;
  if (lost === 0) return `${seen}; with 95 % confidence fewer than ${most}`;
  const least = `1 in ${roundUp(1 / lower)}`;
  if (lost === total) return `${seen}; with 95 % confidence more than ${least}`;
  return `${seen}; with 95 % confidence between ${least} and ${most}`;
}

/** Two digits, on the side that claims less. */
function roundDown(value: number): string {
  return formatRounded(value, Math.floor);
}

function roundUp(value: number): string {
  return formatRounded(value, Math.ceil);
}

function formatRounded(value: number, round: (value: number) => number): string {
  const unit = 10 ** (Math.floor(Math.log10(value)) - 1);
  return formatCount(Number((round(value / unit) * unit).toPrecision(2)));
}
