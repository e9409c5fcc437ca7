// The frameworks, launchers and products: from which folder each is, how it is built, and how it is started.

/**
 * @typedef {object} Framework
 * @property {string} name
 * @property {string} [from] its folder, which pins what is installed: `services` unless it says otherwise
 * @property {string[]} [native] its packages that are compiled
 * @property {string[][]} [build] the commands that build it, once
 * @property {string[]} command `PORT` says where to listen
 * @property {string} [request] `GET /` unless it says otherwise
 * @property {string} [slow] a request whose answer takes some hundred milliseconds
 * @property {string} [websocket] the path of one
 * @property {string} [events] the path of an event stream
 * @property {Record<string, string>} [env]
 * @property {string} [preload] the variable that carries the preload: `NODE_OPTIONS` unless it says otherwise
 * @property {boolean} [isOrphan] as it is the server is never told, and loses nothing while it outlives its command
 */

const NODE = process.execPath;
const bin = (name) => `./node_modules/.bin/${name}`;
const script = (...args) => [NODE, ...args];
/** A program that takes its port as an argument gets it from a shell. */
const shell = (command) => ["sh", "-c", `exec ${command}`];

const DIRECTUS = {
  KEY: "a-key",
  SECRET: "a-secret",
  DB_CLIENT: "sqlite3",
  DB_FILENAME: "./shop.db",
  ADMIN_EMAIL: "admin@example.com",
  ADMIN_PASSWORD: "a-password",
  TELEMETRY: "false",
  LOG_LEVEL: "error",
};

/** @type {readonly Framework[]} What installs and starts within seconds: CI proves these. */
export const SMALL = [
  {
    name: "Apollo Server 5, standalone",
    command: script("apollo.mjs"),
    request: "GET /?query=%7Bhello%7D",
  },
  {
    name: "Fastify CLI 8",
    command: shell(`${bin("fastify")} start -a 127.0.0.1 -p $PORT fastify.cjs`),
  },
  {
    name: "Hono 4, @hono/node-server 2",
    command: script("hono.mjs"),
    slow: "GET /slow",
    websocket: "/chat",
    events: "/events",
  },
  { name: "h3 2", command: script("h3.mjs") },
  { name: "srvx 1", command: script("srvx.mjs") },
  {
    name: "tRPC 11, standalone",
    command: script("trpc.mjs"),
    request: "GET /hello",
    slow: "GET /slow",
    events: "/ticks",
  },
  {
    name: "Moleculer 0.14, moleculer-web",
    command: [bin("moleculer-runner"), "moleculer"],
    request: "GET /shop/hello",
    slow: "GET /shop/slow",
  },
  {
    name: "json-server 0.17",
    command: shell(`${bin("json-server")} --port $PORT db.json`),
    request: "GET /posts",
  },
  { name: "Nest 12", command: script("nest.mjs") },
  { name: "Nest 12, enableShutdownHooks()", command: script("nest.mjs", "hooks") },
  {
    name: "Verdaccio 6",
    command: shell(`${bin("verdaccio")} --config verdaccio.yaml --listen 127.0.0.1:$PORT`),
    request: "GET /-/ping",
  },
  { name: "tsx 4", command: [bin("tsx"), "server.mts"], slow: "GET /slow" },
  {
    name: "cross-env 10",
    command: [bin("cross-env"), "SHOP=1", "node", "server.mjs"],
    slow: "GET /slow",
  },
  { name: "npm start", command: ["npm", "start"], slow: "GET /slow", isOrphan: true },
  {
    name: "PM2 7, pm2-runtime, two workers",
    command: [bin("pm2-runtime"), "start", "ecosystem.config.cjs"],
    slow: "GET /slow",
    env: { PM2_HOME: "./.pm2" },
    preload: "PRELOAD",
  },
];

const next = {
  from: "next",
  build: [[bin("next"), "build"]],
  slow: "GET /slow",
  events: "/events",
};
const nitro = (preset) => ({
  from: "nitro",
  build: ["node_server", "node_cluster"].map((each) => [
    ...["env", `PRESET=${each}`, bin("nitropack"), "build", "--preset", each],
  ]),
  command: script(`.output-${preset}/server/index.mjs`),
  slow: "GET /slow",
  websocket: "/chat",
  events: "/events",
});
const reactRouter = {
  from: "react-router",
  build: [[bin("react-router"), "build"]],
  slow: "GET /slow",
  events: "/events",
};

/** @type {readonly Framework[]} What is built first, or takes minutes to install. */
export const LARGE = [
  { name: "Next 16, standalone", ...next, command: script(".next/standalone/server.js") },
  { name: "Next 16, next start", ...next, command: [bin("next"), "start"] },
  {
    name: "Next 16, a server of one's own",
    ...next,
    command: script("server.mjs"),
    env: { NODE_ENV: "production" },
  },
  {
    name: "Nuxt 4",
    from: "nuxt",
    build: [[bin("nuxt"), "build"]],
    command: script(".output/server/index.mjs"),
    slow: "GET /slow",
    events: "/events",
  },
  { name: "Nitro 2, node-server", ...nitro("node_server") },
  { name: "Nitro 2, node-cluster", ...nitro("node_cluster"), env: { NITRO_CLUSTER_WORKERS: "2" } },
  {
    name: "SvelteKit 2, adapter-node",
    from: "svelte",
    build: [[bin("vite"), "build"]],
    command: script("build/index.js"),
    slow: "GET /slow",
    events: "/events",
  },
  {
    name: "Astro 5, @astrojs/node",
    from: "astro",
    build: [[bin("astro"), "build"]],
    command: script("dist/server/entry.mjs"),
    slow: "GET /slow",
    events: "/events",
  },
  {
    name: "React Router 7, react-router-serve",
    ...reactRouter,
    command: [bin("react-router-serve"), "build/server/index.js"],
  },
  {
    name: "React Router 7, on Express 5",
    ...reactRouter,
    command: script("server.mjs"),
    env: { NODE_ENV: "production" },
  },
  {
    name: "Adonis 6",
    from: "adonis",
    command: script("bin/server.js"),
    slow: "GET /slow",
    env: { NODE_ENV: "production", HOST: "127.0.0.1" },
  },
  { name: "Sails 1", from: "sails", command: script("app.js"), slow: "GET /slow" },
  { name: "LoopBack 4", from: "loopback", command: script("index.js"), slow: "GET /slow" },
  {
    name: "Node-RED 4",
    from: "node-red",
    command: [bin("node-red"), "--settings", "settings.js"],
    request: "GET /hello",
    slow: "GET /slow",
    websocket: "/comms",
  },
  {
    name: "Strapi 5",
    from: "strapi",
    native: ["better-sqlite3"],
    command: [bin("strapi"), "start"],
    request: "GET /hello",
    slow: "GET /slow",
    env: { NODE_ENV: "production", STRAPI_TELEMETRY_DISABLED: "true" },
  },
  {
    name: "Directus 11",
    from: "directus",
    native: ["sqlite3", "isolated-vm"],
    build: [[bin("directus"), "bootstrap"]],
    command: [bin("directus"), "start"],
    request: "GET /server/ping",
    slow: "GET /slow",
    env: DIRECTUS,
  },
];
