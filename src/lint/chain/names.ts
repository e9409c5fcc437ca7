/** The last part of a path: `/usr/bin/tini` is `tini`. */
export function baseName(path: string): string {
  return path.split("/").at(-1) ?? path;
}

/** They put another program in their own place. */
export const TRANSPARENT: ReadonlySet<string> = new Set([
  "env",
  "exec",
  "su-exec",
  "gosu",
  "setpriv",
  "nice",
  "ionice",
  "chrt",
  "taskset",
  "stdbuf",
  "command",
  "docker-entrypoint.sh",
  "chpst",
  "setuidgid",
  "s6-setuidgid",
]);

/** How many words after their name are their own. */
export const OWN_WORDS: ReadonlyMap<string, number> = new Map([
  ["su-exec", 1],
  ["gosu", 1],
  ["setuidgid", 1],
  ["s6-setuidgid", 1],
]);

export const SHELLS: ReadonlySet<string> = new Set(["sh", "bash", "ash", "dash", "zsh"]);

export const MANAGERS: ReadonlySet<string> = new Set([
  "npm",
  "npx",
  "yarn",
  "pnpm",
  "corepack",
  "pnpx",
  "bunx",
]);

/** They watch files and start again: for developers. */
export const DEVELOPMENT_RUNNERS: ReadonlySet<string> = new Set([
  "nodemon",
  "ts-node-dev",
  "tsnd",
  "node-dev",
  "supervisor",
  "live-server",
  "webpack-dev-server",
  "react-scripts",
  "ng",
  "vite",
  "browser-sync",
]);

/** They start the program as a child. */
export const RUNNERS: ReadonlySet<string> = new Set([
  ...DEVELOPMENT_RUNNERS,
  "pm2",
  "pm2-runtime",
  "pm2-docker",
  "pm2-dev",
  "forever",
  "concurrently",
  "npm-run-all",
  "run-p",
  "run-s",
  "foreman",
  "nf",
  "honcho",
  "cross-env",
  "cross-env-shell",
  "dotenv",
  "dotenvx",
  "env-cmd",
  "doppler",
  "infisical",
  "op",
  "sudo",
  "su",
  "runuser",
  "timeout",
  "xvfb-run",
  "newrelic-admin",
  "ddtrace-run",
  "opentelemetry-instrument",
  "supervisord",
  "s6-svscan",
  "runsvdir",
  "wait-for-it.sh",
  "wait-for-it",
  "wait-for",
  "dockerize",
  "chamber",
  "aws-vault",
  "with-contenv",
]);

/** Programs that serve: between them and the platform nothing should be. */
export const SERVERS: ReadonlySet<string> = new Set([
  "node",
  "nodejs",
  "bun",
  "deno",
  "ts-node",
  "tsx",
  "next",
  "nest",
  "nuxt",
  "fastify",
  "remix-serve",
  "strapi",
  "directus",
  "medusa",
  "moleculer-runner",
  "probot",
  "ghost",
  "n8n",
  "java",
  "nginx",
  "envoy",
  "haproxy",
  "caddy",
  "traefik",
  "gunicorn",
  "uvicorn",
  "dotnet",
  "puma",
  "unicorn",
  "php-fpm",
  "apache2-foreground",
  "httpd",
]);
