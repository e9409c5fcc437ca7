module.exports = {
  connection: {
    client: "sqlite",
    connection: { filename: "shop.db" },
    useNullAsDefault: true,
  },
};
