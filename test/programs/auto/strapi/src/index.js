const { setTimeout: sleep } = require("node:timers/promises");

const config = { auth: false };

module.exports = {
  register({ strapi }) {
    strapi.server.routes([
      { method: "GET", path: "/hello", config, handler: (ctx) => void (ctx.body = "hello") },
      {
        method: "GET",
        path: "/slow",
        config,
        handler: async (ctx) => {
          ctx.body = await sleep(400, "hello, at last");
        },
      },
    ]);
  },
};
