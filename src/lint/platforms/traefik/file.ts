import type { FileKind } from "../../files/project.js";
import { readToml } from "../../read/toml/toml.js";
import type { Mapping } from "../../source/tree.js";

/** Traefik's configurations in TOML; those in YAML are among all YAML. */
export const TRAEFIK_TOML: FileKind<Mapping> = {
  name: "Traefik configuration",
  matches: (file) => /traefik[^/]*\.toml$|(?:^|\/)traefik\/.*\.toml$/i.test(file),
  looksRight: (text) =>
    /^[ \t]*\[+(?:http|entryPoints|providers)\b/im.test(text) && !/\{\{|<%/.test(text),
  read: readToml,
};
