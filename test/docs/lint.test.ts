// The deployments that the documents show and the examples are must pass the linter, and its page says what it can do.
import assert from "node:assert/strict";
import path from "node:path";
import { test } from "node:test";
import { LINT_OPTIONS } from "#src/cli/lint/table.js";
import { createDiskProject, createProject, examine, walk } from "#src/lint/index.js";
import { Source } from "#src/lint/source/source.js";
import { read, root } from "../package/project.js";
import { documents } from "./markdown.js";

/** What each language's block would be called in a project. */
const NAMES: Readonly<Record<string, string>> = {
  yaml: "file.yaml",
  dockerfile: "Dockerfile",
  ini: "shop.service",
  nginx: "nginx.conf",
  haproxy: "haproxy.cfg",
  toml: "fly.toml",
};

const FENCE = /^(?<fence>`{3,})(?<language>\w+)\n(?<text>.*?)^\k<fence>$/gms;

interface Shown {
  readonly document: string;
  readonly file: string;
  readonly text: string;
}

const shown: readonly Shown[] = documents
  // What is bad there is meant to be.
  .filter((document) => !document.startsWith("docs/lint/"))
  .flatMap((document) =>
    [...read(document).matchAll(FENCE)].flatMap(({ groups = {} }) => {
      const file = NAMES[groups["language"] ?? ""];
      return file === undefined ? [] : [{ document, file, text: groups["text"] ?? "" }];
    }),
  );

function lint(file: string, text: string): string[] {
  const project = createProject([file], () => new Source(file, text));
  return examine(project)
    .findings.filter(({ severity }) => severity !== "info")
    .map(({ id, what }) => `${id}: ${what}`);
}

test("every deployment that a document shows passes lint", () => {
  assert.ok(shown.length > 5, `${shown.length} blocks`);
  for (const { document, file, text } of shown)
    assert.deepEqual(lint(file, text), [], `${document}:\n${text}`);
});

test("a block with a fault would be seen", () => {
  const unit = "[Service]\nExecStart=/usr/bin/node /srv/shop/server.js\nKillMode=none\n";
  assert.notDeepEqual(lint("shop.service", unit), []);
  assert.notDeepEqual(lint("Dockerfile", "FROM node:22\nCMD ['node', 'server.js']\n"), []);
});

test("the examples pass lint", () => {
  const folder = path.join(root, "examples");
  const { files } = walk(folder);
  assert.ok(files.includes("kubernetes/deployment.yaml"));
  const { findings, deployment } = examine(createDiskProject(folder, files, []));
  assert.deepEqual(
    findings.map(({ id, what }) => `${id}: ${what}`),
    [],
  );
  assert.notEqual(deployment.workloads.length, 0);
});

test("docs/lint.md has every option of the command, and no other", () => {
  const rows = [...read("docs/lint.md").matchAll(/^\| `(--[\w-]+)/gm)].map(([, name]) => name);
  const names = LINT_OPTIONS.map(({ name }) => name).filter((name) => name !== "--help");
  assert.deepEqual(rows, names);
});
