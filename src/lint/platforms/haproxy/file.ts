import type { FileKind } from "../../files/project.js";
import { type Haproxy, readHaproxy } from "../../read/haproxy.js";

/** Configurations of HAProxy. What a template engine has to fill in first is none yet. */
export const HAPROXY_FILE: FileKind<Haproxy> = {
  name: "HAProxy configuration",
  matches: (file) => /(?:^|\/)[^/]*haproxy[^/]*\.(?:cfg|conf)$|\.cfg$/i.test(file),
  looksRight: (text) =>
    /^[ \t]*(?:defaults|frontend|backend|listen)\b/m.test(text) &&
    /^[ \t]*(?:bind|server|mode|timeout)[ \t]/m.test(text) &&
    !/\{\{|\{%|<%/.test(text),
  read: readHaproxy,
};
