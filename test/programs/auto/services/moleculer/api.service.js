const ApiService = require("moleculer-web");

module.exports = {
  name: "api",
  mixins: [ApiService],
  settings: { port: Number(process.env.PORT), routes: [{ path: "/" }] },
};
