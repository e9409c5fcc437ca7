// Arrivals of clients as instants in milliseconds, from a seed. Each process has the same mean rate
// (per ms) and differs in how independent the clients are of each other.

/** A generator of numbers from 0 to 1, by a seed: the same seed, the same run (mulberry32). */
export function random(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const exponential = (draw, mean) => -Math.log(1 - draw()) * mean;

/** Independent clients: what the statistics assume. */
function* poisson(draw, rate) {
  for (let at = exponential(draw, 1 / rate); ; at += exponential(draw, 1 / rate)) yield at;
}

/** Pages whose connections are opened at once: eight on average, within 20 ms. */
function* pages(draw, rate) {
  const size = 8;
  for (const at of poisson(draw, rate / size)) {
    let count = 1;
    while (draw() < 1 - 1 / size) count++;
    const offsets = Array.from({ length: count }, () => draw() * 20);
    for (const offset of offsets.sort((a, b) => a - b)) yield at + offset;
  }
}

/** Independent clients while it is on, nobody while it is off; both last `mean` ms on average. */
const onOff = (mean) =>
  function* (draw, rate) {
    for (let at = 0; ;) {
      const end = at + exponential(draw, mean);
      const gap = () => exponential(draw, 1 / (2 * rate));
      for (let next = at + gap(); next < end; next += gap()) yield next;
      at = end + exponential(draw, mean);
    }
  };

/** A pool of 300 that fills itself at start, in its first half second, before independent clients. */
function* poolAtStart(draw, rate) {
  const pool = Array.from({ length: 300 }, () => draw() * 500);
  yield* pool.sort((a, b) => a - b);
  for (const at of poisson(draw, rate)) if (at > 500) yield at;
}

export const processes = {
  poisson,
  pages,
  "on/off 0.2 s": onOff(200),
  "on/off 1 s": onOff(1_000),
  "on/off 3 s": onOff(3_000),
  "pool at start": poolAtStart,
};

/** The share of the traffic that still comes here `since` ms after the signal, by balancer lag. */
export const lettingGo = {
  "all at once": (since, lag) => (since < lag ? 1 : 0),
  "ten, one after the other": (since, lag) => Math.max(0, Math.ceil(10 * (1 - since / lag)) / 10),
  "nine, then the tenth": (since, lag) => (since < lag / 3 ? 1 : since < lag ? 0.1 : 0),
};
