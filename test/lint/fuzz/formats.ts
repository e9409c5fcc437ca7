import { readDockerfile } from "#src/lint/read/dockerfile/dockerfile.js";
import { readHaproxy } from "#src/lint/read/haproxy.js";
import { readHcl } from "#src/lint/read/hcl/hcl.js";
import { readJavaScript } from "#src/lint/read/javascript/read.js";
import { readJson } from "#src/lint/read/json.js";
import { readNginx } from "#src/lint/read/nginx.js";
import { readProcfile } from "#src/lint/read/procfile.js";
import { parseShell } from "#src/lint/read/shell/parse.js";
import { readSystemd } from "#src/lint/read/systemd.js";
import { readToml } from "#src/lint/read/toml/toml.js";
import { readYaml } from "#src/lint/read/yaml/yaml.js";
import type { Source } from "#src/lint/source/source.js";

/** A format, and what its texts are made of: random text alone would hardly ever be more than a word. */
export interface Format {
  readonly name: string;
  readonly read: (source: Source) => unknown;
  readonly tokens: readonly string[];
}

/** What may stand anywhere, or be forgotten. */
const EVERYWHERE = [
  ...Array.from(" \t\n,;:=.#'\"`\\$%&|<>(){}[]*/-+!?@~^_"),
  ...[
    "\r\n",
    "\r",
    "\uFEFF",
    "\0",
    "ä",
    "😀",
    "\uD800",
    "a",
    "b1",
    "0",
    "30",
    "1.5",
    "true",
    "\\\n",
    "\\\r\n",
    "//",
    "/*",
    "*/",
    "${",
    "$(",
  ],
];

const OWN: readonly Format[] = [
  {
    name: "shell",
    read: ({ text }) => parseShell(text),
    tokens: [
      ..."if then elif else fi while until for in do done case esac { } ( ) ! time function exec trap wait".split(
        " ",
      ),
      ...[
        "&&",
        "||",
        ";;",
        "|&",
        "<<EOF\n",
        "\nEOF\n",
        "<<-'E'",
        ">&2",
        "2>",
        "$'",
        "${x:-",
        "$((",
        "[[",
        "]]",
        "A=1 ",
        "f() ",
      ],
    ],
  },
  {
    name: "javascript",
    read: readJavaScript,
    tokens: [
      ..."const let var function class import export from default require as satisfies type new async return if for".split(
        " ",
      ),
      ...[
        "=>",
        "...",
        "?.",
        "??",
        "lastcall(",
        "process.on(",
        "module.exports = ",
        "/[/]/",
        "`${",
        "}`",
        "\\u{",
        "<T>",
        "1_000",
        "const a = ",
        "a",
        "...a",
      ],
    ],
  },
  {
    name: "nginx",
    read: readNginx,
    tokens: [
      "upstream a {",
      "server ",
      "content_by_lua_block {",
      "--[[",
      "]]",
      "--",
      "location ~ ",
      "${a}",
      "keepalive 3;",
      "proxy_pass http://a;",
    ],
  },
  {
    name: "haproxy",
    read: readHaproxy,
    tokens: [
      "global\n",
      "defaults\n",
      "defaults a from b\n",
      "backend a\n",
      "listen ",
      "from",
      " server a b:1 check",
      "option httpchk",
      ".if",
      ".endif",
      "\n",
    ],
  },
  {
    name: "systemd",
    read: readSystemd,
    tokens: [
      "[Service]\n",
      "[",
      "]",
      "ExecStart=",
      "TimeoutStopSec=",
      "\\\n",
      "\\\n# x\n",
      "\\\r\n; y\r\n",
      "\n",
      "=",
      "KillMode",
    ],
  },
  {
    name: "toml",
    read: readToml,
    tokens: [
      "[a]\n",
      "[[a]]\n",
      "[a.b]\n",
      "a = ",
      "a.b = ",
      '"""',
      "'''",
      "\\u00e9",
      "\\U00110000",
      "1_000",
      "0x1f",
      "1979-05-27 07:32:00",
      "{ a = 1 }",
      "[1, 2]",
      "\n",
    ],
  },
  {
    name: "hcl",
    read: readHcl,
    tokens: [
      'job "a" {',
      "group b {",
      "a = ",
      "<<EOF\n",
      "\nEOF\n",
      "<<-E\n",
      "${",
      "%{",
      "$${",
      "}",
      "null",
      "[1, 2]",
      "{ a = 1 }",
      "\n",
    ],
  },
  { name: "procfile", read: readProcfile, tokens: ["web: ", "worker:", "node a.js", "\n"] },
  {
    name: "yaml",
    read: readYaml,
    tokens: [
      "---\n",
      "...\n",
      "a: ",
      "- ",
      "&a ",
      "*a",
      "<<: *a\n",
      "|\n",
      ">-\n",
      "!!int ",
      "? ",
      "{ a: 1 }",
      "[1, 2]",
      "\n  ",
      "\n",
      "# b\n",
    ],
  },
  {
    name: "json",
    read: readJson,
    tokens: ['{"a":', '"a"', "}", "]", "[", "null", "-1.5e3", "\\u00e9", "// b\n", "/* b */", "\n"],
  },
  {
    name: "dockerfile",
    read: readDockerfile,
    tokens: [
      "FROM node:22 AS a\n",
      "FROM a\n",
      "RUN ",
      "CMD ",
      'CMD ["node", "a.js"]\n',
      "ENTRYPOINT [",
      "COPY --from=a ",
      "<<EOF\n",
      "\nEOF\n",
      "# escape=`\n",
      "ARG A=1\n",
      "ENV A=1 B='2'\n",
      "\\\n# b\n",
      "STOPSIGNAL ",
      "\n",
    ],
  },
];

export const FORMATS: readonly Format[] = OWN.map((format) => ({
  ...format,
  tokens: [...format.tokens, ...EVERYWHERE],
}));
