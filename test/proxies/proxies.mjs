// The proxies, each with two instances behind it. Their configurations are those of examples/proxies/, which the documentation shows:
// the lines that matter, and else their defaults; only the ports are others.
import path from "node:path";

/**
 * @typedef {object} Proxy
 * @property {string} name
 * @property {string} command
 * @property {readonly string[]} version arguments that print it
 * @property {string} file its configuration
 * @property {(file: string, folder: string, front: number) => readonly string[]} args
 * @property {(text: string) => string} [settle] what its configuration needs besides to run anywhere
 */

/** nginx has its folders compiled in, where only root may write. */
const TEMPORARY = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
  .map((name) => `${name}_temp_path ${name};`)
  .join(" ");

/** @type {readonly Proxy[]} */
export default [
  {
    name: "HAProxy",
    command: "haproxy",
    version: ["-v"],
    file: "haproxy.cfg",
    args: (file) => ["-db", "-f", file],
  },
  {
    name: "nginx",
    command: "nginx",
    version: ["-v"],
    file: "nginx.conf",
    args: (file, folder) => [
      ...["-p", folder, "-c", file, "-g"],
      `daemon off; pid nginx.pid; error_log error.log; ${process.getuid?.() === 0 ? "user root;" : ""}`,
    ],
    settle: (text) => text.replace("http {", `http { access_log off; ${TEMPORARY}`),
  },
  {
    name: "Caddy",
    command: "caddy",
    version: ["version"],
    file: "Caddyfile",
    args: (file) => ["run", "--adapter", "caddyfile", "--config", file],
  },
  {
    name: "Traefik",
    command: "traefik",
    version: ["version"],
    file: "traefik-routes.yml",
    args: (file, _folder, front) => [
      `--providers.file.filename=${file}`,
      `--entrypoints.web.address=127.0.0.1:${front}`,
    ],
  },
  {
    name: "Envoy",
    command: "envoy",
    version: ["--version"],
    file: "envoy.yaml",
    args: (file, folder) => [
      ...["--config-path", file, "--concurrency", "1", "--disable-hot-restart"],
      ...["--log-path", path.join(folder, "envoy.log")],
    ],
  },
];
