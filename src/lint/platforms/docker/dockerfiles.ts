import type { FileKind } from "../../files/project.js";
import { readDockerfile, type Instruction } from "../../read/dockerfile/dockerfile.js";

/** Dockerfiles, by their usual names: `Dockerfile`, `api.Dockerfile`, `Dockerfile.worker`, `Containerfile`. */
export const DOCKERFILE: FileKind<readonly Instruction[]> = {
  name: "Dockerfile",
  matches: (file) =>
    /(?:^|\/)(?:[\w.-]+\.)?(?:Dockerfile|Containerfile)(?:[.-][\w.-]+)?$/i.test(file) &&
    !/\.(?:dockerignore|md|ya?ml|json|j2|tmpl|tpl|erb|swp|orig|bak|sh|ts|js|txt|html?|\w*markerb|hbs|ejs|liquid|mustache|in|template|rs|go|py|rb)$/i.test(
      file,
    ),
  read: readDockerfile,
};

/** Whether a Dockerfile is for a developer's machine or a test: nothing depends on how that stops. */
export function isForDevelopment(file: string, stage: string | null = null): boolean {
  const [name = ""] = file.split("/").slice(-1);
  const words = `${name}.${stage ?? ""}`.toLowerCase().split(/[^a-z]+/);
  const inFolder =
    /(?:^|\/)(?:\.devcontainer|devcontainer|tests?|e2e|__tests__|fixtures?|ci|\.github)\//i.test(
      file,
    );
  return inFolder || words.some((word) => DEVELOPMENT.has(word));
}

const DEVELOPMENT = new Set([
  "dev",
  "devel",
  "development",
  "develop",
  "local",
  "test",
  "tests",
  "testing",
  "e2e",
  "ci",
  "debug",
  "lint",
  "builder",
  "build",
  "devcontainer",
  "docs",
  "storybook",
  "playwright",
  "cypress",
]);
