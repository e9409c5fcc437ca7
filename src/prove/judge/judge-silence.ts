import { formatDuration } from "../facts/duration.js";
import type { Criterion, Silence } from "../facts/result.js";

/** The criterion of a load that goes on: some instance answers it at any time. The worst of the trials. */
export function judgeSilence(silences: readonly (Silence | null)[], origin: string): Criterion {
  const name = "longest time without an answer";
  const known = silences.filter((silence) => silence !== null);
  const [worst] = [...known].sort((a, b) => b.lastedMs / b.limitMs - a.lastedMs / a.limitMs);
  if (worst === undefined || known.length < silences.length) {
    return { name, expected: "", measured: "nothing was answered", passed: false };
  }
  const { fromMs, lastedMs, limitMs } = worst;
  const passed = lastedMs < limitMs;
  const when = fromMs < 0 ? `${formatDuration(-fromMs)} before` : `${formatDuration(fromMs)} after`;
  const measured = passed
    ? formatDuration(lastedMs)
    : `${formatDuration(lastedMs)}, from ${when} ${origin}`;
  return { name, expected: `< ${formatDuration(limitMs)}`, measured, passed };
}
