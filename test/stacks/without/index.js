// What the recipes get in their negative control: every function of lastcall that they call, and none does anything.
const service = {
  stopping: new AbortController().signal,
  attach: (server) => server,
  hook() {},
  task() {},
  registry() {},
  goodbye: () => () => {},
  on: () => () => {},
};

export const lastcall = () => service;
export const attachFastify = () => {};
export const attachNest = () => {};
export const closeSocketIo = () => {};
export const closeWebSockets = () => {};
