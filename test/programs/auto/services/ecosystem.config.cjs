module.exports = {
  apps: [
    {
      name: "shop",
      script: "server.mjs",
      instances: 2,
      exec_mode: "cluster",
      node_args: process.env.PRELOAD,
      // As long as the grace period, where PM2's own is 1.6 s.
      kill_timeout: 10_000,
    },
  ],
};
