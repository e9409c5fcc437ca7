// What the instances behind a proxy serve; whether it is ready it says itself where lastcall does not.
export const state = { isReady: true };

let hasServed = false;

export function app(req, res) {
  if (req.url === "/readyz") {
    res.writeHead(state.isReady ? 200 : 503).end();
    return;
  }
  if (!hasServed) console.log("serves");
  hasServed = true;
  req.resume();
  setTimeout(() => res.end("ok"), 5 + Math.random() * 45);
}
