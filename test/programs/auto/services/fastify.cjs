module.exports = async function app(fastify, _options) {
  fastify.get("/", async () => "hello");
};
