export default defineNitroConfig({
  compatibilityDate: "2026-01-01",
  experimental: { websocket: true },
  // One for each preset.
  output: { dir: `.output-${process.env.PRESET}` },
});
