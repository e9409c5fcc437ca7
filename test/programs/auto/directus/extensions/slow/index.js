module.exports = {
  id: "slow",
  handler(router) {
    router.get("/", (_req, res) => setTimeout(() => res.send("hello, at last"), 400));
  },
};
