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
 * @property {boolean} asks whether it checks its instances, so that a stop need not take the whole of the lame duck
 * @property {Readonly<Record<string, readonly [RegExp, string]>>} lines those that the documentation explains, by what is left without each
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
    asks: true,
    lines: {
      "without `option httpchk`": [/ {2}option httpchk .*\n/, ""],
      "with `inter` and `fall` as they are by default": [/ inter 200ms fall 2/, ""],
      "without `option redispatch`": [/ {2}option redispatch\n/, ""],
    },
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
    asks: false,
    lines: {
      "without `max_fails=0`": [/ max_fails=0/g, ""],
      "without `keepalive`, HTTP/1.1 and the empty `Connection`": [
        / +(?:keepalive 16|proxy_http_version .*|proxy_set_header .*);\n/g,
        "",
      ],
    },
    settle: (text) => text.replace("http {", `http { access_log off; ${TEMPORARY}`),
  },
  {
    name: "Caddy",
    command: "caddy",
    version: ["version"],
    file: "Caddyfile",
    args: (file) => ["run", "--adapter", "caddyfile", "--config", file],
    asks: true,
    lines: {
      "without `health_uri` and `health_interval`": [/\t+health_.*\n/g, ""],
      "without `lb_try_duration`": [/\t+lb_try_duration .*\n/, ""],
    },
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
    asks: true,
    lines: {
      "without `healthCheck`": [/ +healthCheck:\n(?: +(?:path|interval|timeout): .*\n)+/, ""],
    },
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
    asks: true,
    lines: {
      "without `health_checks`": [/ +health_checks:\n(?:.*\n)*?(?= +load_assignment)/, ""],
      "without `no_traffic_interval`": [/ +# 60 s by default.*\n +no_traffic_interval: .*\n/, ""],
    },
  },
];
