module.exports = {
  serveAdminPanel: false,
  auth: { secret: "a secret" },
  apiToken: { salt: "a salt" },
  transfer: { token: { salt: "a salt" } },
};
