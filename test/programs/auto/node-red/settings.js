module.exports = {
  uiHost: "127.0.0.1",
  uiPort: Number(process.env.PORT),
  userDir: __dirname,
  flowFile: "flows.json",
  editorTheme: { tours: false },
  logging: { console: { level: "error" } },
};
