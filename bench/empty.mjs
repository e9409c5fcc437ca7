// What bench/auto.js measures against: a preload that does nothing.
export {};
