// What has to hold of every report, whatever was proved: one clock, one way to count. Takes the result
// as `--json` prints it, the rows of its ledger, and its text; returns what contradicts itself.

/** @typedef {{ ms: number, slack: number }} Instant  as far as its text tells */

const UNITS = { ms: 1, s: 1_000 };
const TIME = String.raw`([\d.]+) (ms|s)`;
const SENT_AND_ENDED = new RegExp(
  String.raw`sent ${TIME} (before|after) (the signal|the command's start) (?:.*?) ${TIME} (before|after) \4`,
  "g",
);
const HOLDERS = /(\d+) × ([a-zA-Z][^,;:\n]*?)(?=[,;)\n]|$)/gm;
const MEANWHILE = new RegExp(String.raw`from ${TIME} to ${TIME}.*none (?:was )?answered`, "g");

/** Everything that one report says against itself; empty when it is sound. */
export function findContradictions(result, rows, text) {
  const json = JSON.stringify(result).replaceAll(String.raw`\n`, "\n");
  return [
    ...checkTallies(result),
    ...result.trials.flatMap(checkTrial),
    ...rows.flatMap((row) => checkRow(row, result)),
    ...[json, text].flatMap((words) => [...checkOrder(words), ...checkMeanwhile(words)]),
    ...checkHolders(result, text),
  ];
}

function checkTallies({ requests, losses, criteria, trials }) {
  const lost = requests.refused + requests.dropped;
  const sum = losses.reduce((total, { count }) => total + count, 0);
  const dropped = criteria.find(({ name }) => name === "dropped requests");
  const told = Number(/^[\d,]+/.exec(dropped?.measured ?? "")?.[0].replaceAll(",", ""));
  const planned = trials.reduce((total, trial) => total + trial.requests.planned, 0);
  return [
    ...unless(sum === lost, `${sum} losses are listed, ${lost} counted`),
    ...unless(dropped === undefined || told === lost, `${told} dropped are told, ${lost} counted`),
    ...unless(planned === requests.planned, "the trials' requests are not those of the result"),
  ];
}

function checkTrial({ requests, requestsByClient, stops }) {
  const { planned, ok, retryable, refused, dropped, unsent } = requests;
  const byClient = Object.values(requestsByClient).reduce((sum, one) => sum + one.planned, 0);
  return [
    ...unless(planned === ok + retryable + refused + dropped + unsent, "a tally does not close"),
    ...unless(planned === byClient, `${planned} requests, ${byClient} by client`),
    ...stops.flatMap(checkStop),
  ];
}

function checkStop({ exit, timeline }) {
  const { exitMs, listenerClosedMs, bins } = timeline;
  const isBefore = (ms) => ms === null || exitMs === null || ms <= exitMs;
  return [
    ...unless(exit.afterSignalMs === exitMs, `two exits: ${exit.afterSignalMs} and ${exitMs} ms`),
    ...unless((exit.afterLastByteMs ?? 0) >= 0, "the exit comes before the last byte"),
    ...unless(isBefore(listenerClosedMs), "the listener is closed after the exit"),
    ...unless(bins.ok.length === bins.lost.length, "bins of two lengths"),
  ];
}

/** A request is due, then sent, then answered, then over. */
function checkRow({ id, dueMs, startMs, firstByteMs, endMs, outcome }, { rttMs }) {
  const steps = [dueMs, startMs, firstByteMs, endMs];
  const known = steps.filter((ms) => ms !== null && ms !== undefined);
  // To a tenth of a millisecond.
  const isOrdered = known.every((ms, at) => at === 0 || ms >= known[at - 1] - 0.2);
  const isThere =
    startMs === null || firstByteMs === null || firstByteMs >= startMs + rttMs / 2 - 1;
  return [
    ...unless(isOrdered, `${id} is out of order: ${known.join(", ")}`),
    ...unless(isThere, `${id} was answered before it had arrived`),
    ...unless(
      (startMs === null) === (outcome === "refused" || outcome === "unsent"),
      `${id}: ${outcome}, and sent at ${startMs}`,
    ),
  ];
}

/** No line says that something ended before it was sent. */
function checkOrder(words) {
  return [...words.matchAll(SENT_AND_ENDED)].flatMap(([line, ...parts]) => {
    const sent = readInstant(parts[0], parts[1], parts[2]);
    const ended = readInstant(parts[4], parts[5], parts[6]);
    return unless(
      ended.ms >= sent.ms - sent.slack - ended.slack,
      `ended before it was sent: ${line}`,
    );
  });
}

/** A gap has a length, or nothing is said of it. */
function checkMeanwhile(words) {
  return [...words.matchAll(MEANWHILE)].flatMap(([line, from, fromUnit, to, toUnit]) =>
    unless(`${from} ${fromUnit}` !== `${to} ${toUnit}`, `a gap without a length: ${line}`),
  );
}

/** What held a stop is counted alike wherever one report names it. */
function checkHolders({ trials }, text) {
  if (trials.length !== 1 || trials[0].stops.length !== 1) return [];
  const { findings, criteria } = trials[0];
  const told = [
    text,
    ...findings.map(({ what }) => what),
    ...criteria.map(({ measured }) => measured),
  ];
  const counts = new Map();
  for (const [, count, name] of told.flatMap((words) => [...words.matchAll(HOLDERS)])) {
    const shown = name.trim();
    counts.set(shown, new Set([...(counts.get(shown) ?? []), count]));
  }
  return [...counts].flatMap(([name, all]) =>
    unless(all.size === 1, `${[...all].join(" and ")} × ${name} in one report`),
  );
}

/** @returns {Instant} */
function readInstant(number, unit, side) {
  const digits = number.split(".")[1]?.length ?? 0;
  const slack = UNITS[unit] / 10 ** digits;
  return { ms: Number(number) * UNITS[unit] * (side === "before" ? -1 : 1), slack };
}

function unless(holds, what) {
  return holds ? [] : [what];
}
