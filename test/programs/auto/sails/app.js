const { lift } = require("sails");

lift({
  port: Number(process.env.PORT),
  hooks: { grunt: false },
  log: { level: "error" },
  routes: {
    "GET /": (_req, res) => res.send("hello"),
    "GET /slow": (_req, res) => setTimeout(() => res.send("hello, at last"), 400),
  },
});
