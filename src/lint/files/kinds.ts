import { readJson } from "../read/json.js";
import { readYaml, type YamlDocument } from "../read/yaml/yaml.js";
import type { Tree } from "../source/tree.js";
import type { FileKind } from "./project.js";

/** The name of what was read from the standard input. */
export const STDIN = "stdin.yaml";

// What a deployment's file has at the top of a document. Others are not parsed: most YAML of a tree is none.
const TOP =
  /^(?:- )?["']?(?:apiVersion|kind|services|static_resources|http|tcp|resources|patches|patchesStrategicMerge|artifacts|build|entryPoints|providers|admin)["']?[ \t]*:/m;

/** Every YAML file that may be a deployment's, whichever platform's. */
export const YAML: FileKind<readonly YamlDocument[]> = {
  name: "YAML",
  matches: (file) => /\.ya?ml$/i.test(file),
  looksRight: (text) => TOP.test(text),
  read: readYaml,
};

/** Every JSON file that may be a deployment's. */
export const JSON_FILE: FileKind<Tree | null> = {
  name: "JSON",
  matches: (file) =>
    /\.json$/i.test(file) && !/(?:^|\/)(?:package-lock|tsconfig[^/]*)\.json$/.test(file),
  looksRight: (text) => /"(?:apiVersion|containerDefinitions|apps|Job)"\s*:/.test(text),
  read: readJson,
};

/** Any JSON file that is asked for by its name. */
export const NAMED_JSON: FileKind<Tree | null> = {
  name: "JSON",
  matches: () => false,
  read: readJson,
};
