import type { FileKind } from "../../files/project.js";
import { type NginxDirective, readNginx } from "../../read/nginx.js";

/** Configurations of nginx, also those that are included, and those whose variables `envsubst` fills in. */
export const NGINX_FILE: FileKind<readonly NginxDirective[]> = {
  name: "nginx configuration",
  matches: (file) =>
    /nginx[^/]*\.conf(?:\.template)?$|(?:^|\/)(?:nginx|conf\.d|sites-(?:available|enabled)|templates)\/.*[^/]+$/i.test(
      file,
    ) &&
    !/\.(?:md|ya?ml|json|sh|py|js|ts|html?|css|j2|tmpl|tpl|erb|php|txt|pem|crt|key)$|dockerfile/i.test(
      file,
    ),
  looksRight: (text) =>
    /^[ \t]*(?:http|server|upstream[ \t]+\S+|location[ \t][^{;]*)[ \t\r\n]*\{/m.test(text) &&
    !/\{\{|\{%|<%/.test(text),
  read: readNginx,
};
