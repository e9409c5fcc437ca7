// The programs: how each starts a service, how it is stopped, and what its control leaves out.
import { execFile } from "node:child_process";
import * as fs from "node:fs";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";

const run = promisify(execFile);

const PLAIN = "plain";

/** `exec`, because a shell dies of the signal before the service is done. */
const SCRIPTS = { "package.json": '{"type":"module","scripts":{"start":"exec node base.mjs"}}' };

const launchers = [
  {
    name: "npm start, the group is told",
    files: SCRIPTS,
    start: () => ({ command: ["npm", "start"] }),
    stop: async (app) => app.signalGroup("SIGTERM"),
    control: PLAIN,
  },
  {
    name: "pnpm start, the group is told",
    files: SCRIPTS,
    start: ({ bin }) => ({ command: [path.join(bin, "pnpm"), "start"] }),
    stop: async (app) => app.signalGroup("SIGTERM"),
    control: PLAIN,
  },
  {
    name: "nodemon, SIGTERM and SIGINT",
    start: ({ bin }) => ({
      command: [path.join(bin, "nodemon"), "--signal", "SIGTERM", "base.mjs"],
    }),
    stop: async (app) => {
      app.signalGroup("SIGTERM");
      await sleep(30);
      app.signalGroup("SIGINT");
    },
    // In development a reload is to be quick, and balancers are given no time.
    options: '{"development":false}',
    control: '{"development":false,"repeatWindow":0}',
  },
  {
    name: "dumb-init and npm start",
    needs: "dumb-init",
    files: SCRIPTS,
    start: () => ({ command: ["dumb-init", "npm", "start"] }),
    stop: async (app) => app.signal("SIGTERM"),
    control: PLAIN,
  },
  {
    name: "tini -g and npm start",
    needs: "tini",
    files: SCRIPTS,
    start: () => ({ command: ["tini", "-s", "-g", "--", "npm", "start"] }),
    stop: async (app) => app.signal("SIGTERM"),
    control: PLAIN,
  },
];

const frameworks = [
  {
    name: "Apollo Server 5, which raises the signal again",
    start: ({ node }) => ({ command: [node, "apollo.mjs"] }),
    stop: async (app) => app.signal("SIGTERM"),
    control: PLAIN,
  },
  {
    name: "Nest with enableShutdownHooks, which raises the signal again",
    start: ({ node }) => ({ command: [node, "nest.mjs"] }),
    stop: async (app) => app.signal("SIGTERM"),
    control: PLAIN,
  },
];

const clusters = ["round robin", "none"].flatMap((scheduling) =>
  [false, true].map((isGroup) => ({
    name: `cluster, scheduling ${scheduling}, the ${isGroup ? "group" : "primary"} is told`,
    services: 2,
    // The primary's as well.
    reports: 3,
    start: ({ node }) => ({ command: [node, "cluster.mjs"], env: { SCHEDULING: scheduling } }),
    stop: async (app) => (isGroup ? app.signalGroup("SIGTERM") : app.signal("SIGTERM")),
    control: PLAIN,
  })),
);

/** PM2 with a home and a daemon of its own. */
function pm2({ name, settings, stop, isReplaced = false, options = "{}" }) {
  const config = {
    apps: [{ name: "app", script: "base.mjs", instances: 2, exec_mode: "cluster", ...settings }],
  };
  const call = (app, ...args) => {
    return run(path.join(app.bin, "pm2"), args, { cwd: app.work, env: app.env });
  };
  return {
    name,
    services: 2,
    options,
    isReplaced,
    control: isReplaced ? "exit" : PLAIN,
    files: { "ecosystem.config.cjs": `module.exports = ${JSON.stringify(config)};` },
    start: ({ bin, work }) => ({
      command: [path.join(bin, "pm2"), "start", "ecosystem.config.cjs"],
      env: { PM2_HOME: path.join(work, "pm2"), PM2_DISABLE_VERSION_CHECK: "true" },
    }),
    // What PM2's daemon writes of its workers.
    logs: ({ work }) => {
      const folder = path.join(work, "pm2", "logs");
      const files = fs.existsSync(folder) ? fs.readdirSync(folder) : [];
      return files.map((file) => `${fs.readFileSync(path.join(folder, file), "utf8")}\n`).join("");
    },
    stop: (app) => call(app, ...stop),
    // The command takes its time to start.
    isTold: async ({ work }) => {
      const log = path.join(work, "pm2", "pm2.log");
      while (!/Stopping app:app id:1/.test(fs.readFileSync(log, "utf8"))) await sleep(20);
    },
    end: async (app) => {
      const file = path.join(app.work, "pm2", "pm2.pid");
      const pid = fs.existsSync(file) ? Number(fs.readFileSync(file, "utf8")) : undefined;
      await call(app, "kill").catch(() => {});
      try {
        if (pid !== undefined) process.kill(pid, "SIGKILL");
      } catch {
        // It has ended.
      }
    },
  };
}

const managed = [
  pm2({
    name: "PM2 reload",
    settings: { kill_timeout: 8_000, wait_ready: true },
    stop: ["reload", "app"],
    isReplaced: true,
  }),
  pm2({
    name: "PM2 reload with the default kill_timeout",
    // A request that takes a second may begin too late for it.
    settings: { env: { SLOW: 500 } },
    stop: ["reload", "app"],
    isReplaced: true,
  }),
  pm2({ name: "PM2 stop", settings: { kill_timeout: 8_000 }, stop: ["stop", "app"] }),
  pm2({
    name: "PM2 stop by a message",
    settings: { kill_timeout: 4_000, shutdown_with_message: true },
    stop: ["stop", "app"],
  }),
];

export default [...launchers, ...frameworks, ...clusters, ...managed];
