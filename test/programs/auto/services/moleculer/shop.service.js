const { setTimeout: sleep } = require("node:timers/promises");

module.exports = {
  name: "shop",
  actions: { hello: () => "hello", slow: () => sleep(400, "hello, at last") },
};
