import { Arrivals } from "#src/server/lame-duck/arrivals.js";
import { planEnd, quietNeeded } from "#src/server/lame-duck/evidence.js";

import { lettingGo, processes, random } from "./arrivals.js";

/** When each way to end the lame duck would end it, on the same arrivals. */
const ways = {
  /** What the library does, by its own code. */
  evidence: ({ before, max }) => {
    return (gap) => quietNeeded({ ...before, longestGap: Math.max(before.longestGap, gap) }, max);
  },
  /** The formula alone, with the rate that only a simulation knows. */
  formula: ({ rate }) => {
    return () => Math.log(1e6) / rate;
  },
  /** A fixed sleep of the same maximum. */
  sleep: () => () => Number.POSITIVE_INFINITY,
};

/** The sleep that many a configuration has, in ms. */
const SHORT_SLEEP = 5_000;

/**
 * One stop. `rate` per second, times in ms. Resolves each way to the seconds it saved against sleeping
 * for `max`, and the connections that came after its end: refused.
 */
export function simulate(options) {
  const { process = "poisson", letGo = "all at once", rate, lag, seed } = options;
  const { min = 2_000, max = 15_000, serving = 61_234 } = options;
  const draw = random(seed);
  const source = processes[process](draw, rate / 1_000);
  const arrivals = new Arrivals(0);
  const during = [];
  for (const at of source) {
    if (at >= serving + Math.max(lag, max)) break;
    if (at < serving) arrivals.add(at);
    else if (draw() < lettingGo[letGo](at - serving, lag)) during.push(at);
  }
  const openGap = serving - arrivals.last;
  const before = {
    rate: arrivals.rate(serving),
    longestGap: Math.max(arrivals.longestGap(serving), openGap),
  };
  const bounds = { start: serving, earliest: serving + min, latest: serving + max };
  const judge = (way) => {
    const needed = ways[way]({ before, max, rate: rate / 1_000 });
    const { at, why } = endOf(bounds, during, arrivals.last, needed);
    return { ...cost(at), why };
  };
  const cost = (end) => ({
    saved: (bounds.latest - end) / 1_000,
    refused: during.filter((each) => each > end).length,
  });
  const judged = Object.keys(ways).map((way) => [way, judge(way)]);
  return { ...Object.fromEntries(judged), shortSleep: cost(serving + SHORT_SLEEP) };
}

const conclusion = (at) => ({ at, why: "evidence" });

/** Plays the arrivals until the phase is over. `needed`: the quiet, by the longest gap so far. */
function endOf(bounds, during, lastBefore, needed) {
  let longestGap = 0;
  let last = lastBefore;
  let end = planEnd(bounds, conclusion(bounds.start + needed(longestGap)));
  for (const at of during) {
    if (at > end.at) break;
    longestGap = Math.max(longestGap, at - last);
    last = at;
    end = planEnd(bounds, conclusion(at + needed(longestGap)));
  }
  return end;
}
