// Ignores: on the line, on the object, in a file; each with a reason, and what is unused is named.
import assert from "node:assert/strict";
import { test } from "node:test";
import { createProject, examine } from "#src/lint/index.js";
import { Source } from "#src/lint/source/source.js";

function find(files: Readonly<Record<string, string>>): { left: string[]; ignored: string[] } {
  const project = createProject(Object.keys(files), (file) => new Source(file, files[file] ?? ""));
  const { findings, ignored } = examine(project);
  return {
    left: findings.map(({ id }) => id),
    ignored: ignored.map(({ finding, reason }) => `${finding.id}: ${reason}`),
  };
}

const pod = (annotation = "", comment = "", trailing = ""): string => `apiVersion: v1
kind: Pod
metadata:
  name: api
  namespace: shop
${annotation}spec:
${comment}  terminationGracePeriodSeconds: 0${trailing}
  containers: [{ name: api, image: registry.example/api:3 }]
`;
const ID = "k8s/grace-zero";
const UNUSED = "lint/unused-ignore";

test("without an ignore it is found", () => {
  assert.deepEqual(find({ "a.yaml": pod() }), { left: [ID], ignored: [] });
});

test("a comment on the line above, with others in between, and behind the value", () => {
  const reason = `${ID}: it has no state`;
  const found = { left: [], ignored: [`${ID}: it has no state`] };
  assert.deepEqual(find({ "a.yaml": pod("", `  # lastcall-ignore ${reason}\n`) }), found);
  assert.deepEqual(
    find({ "a.yaml": pod("", `  # lastcall-ignore ${reason}\n\n  # and more\n`) }),
    found,
  );
  assert.deepEqual(find({ "a.yaml": pod("", "", ` # lastcall-ignore ${reason}`) }), found);
});

test("another rule's comment, one without a reason, and one elsewhere ignore nothing, and are named", () => {
  for (const comment of [
    "  # lastcall-ignore k8s/grace-short: x\n",
    `  # lastcall-ignore ${ID}\n`,
    `  # lastcall-ignore ${ID}: x\n  hostNetwork: true\n`,
    "  # lastcall-ignore k8s/no-such-rule: x\n",
  ]) {
    assert.deepEqual(
      find({ "a.yaml": pod("", comment) }),
      { left: [ID, UNUSED], ignored: [] },
      comment,
    );
  }
});

test("a comment in the program, and one there that is of no use", () => {
  const files = (
    comment: string,
    listen = "createServer().listen(80);",
  ): Record<string, string> => ({
    Dockerfile: 'FROM node:22\nCOPY server.js .\nCMD ["node", "server.js"]\n',
    "server.js": `import { createServer } from "node:http";\n${comment}\n${listen}\n`,
  });
  const id = "signal/no-listener";
  assert.deepEqual(find(files("")), { left: [id], ignored: [] });
  const comment = `// lastcall-ignore ${id}: a demo`;
  assert.deepEqual(find(files(comment)), { left: [], ignored: [`${id}: a demo`] });
  assert.deepEqual(find(files(`// lastcall-ignore ${id}`)), { left: [id, UNUSED], ignored: [] });
  assert.deepEqual(find(files(comment, 'process.on("SIGTERM", () => {});')), {
    left: [UNUSED],
    ignored: [],
  });
});

test("an annotation of the object, several with a semicolon", () => {
  const annotate = (text: string): string => `  annotations: { lastcall/ignore: "${text}" }\n`;
  assert.deepEqual(find({ "a.yaml": pod(annotate(`${ID}: a job`)) }), {
    left: [],
    ignored: [`${ID}: a job`],
  });
  const both = find({ "a.yaml": pod(annotate(`${ID}: a job; k8s/recreate: one writer`)) });
  assert.deepEqual(both, { left: [UNUSED], ignored: [`${ID}: a job`] });
  const other = find({ "a.yaml": `${pod(annotate(`${ID}: a job`))}---\n${pod()}` });
  assert.deepEqual(other.left, [ID], "the next object is not covered");
});

test("the configuration: by path, kind and name", () => {
  const config = (lines: string): string => `ignore:\n  - rule: ${ID}\n${lines}`;
  const cases: readonly (readonly [string, boolean])[] = [
    ["    reason: x\n", true],
    ["    path: deploy/**\n    reason: x\n", true],
    ["    path: other/**\n    reason: x\n", false],
    ["    kind: Pod\n    name: api\n    reason: x\n", true],
    ["    name: web\n    reason: x\n", false],
    ["    kind: Deployment\n    reason: x\n", false],
    ["    path: deploy/**\n", false],
  ];
  for (const [lines, isCovered] of cases) {
    const { left } = find({ "deploy/a.yaml": pod(), ".lastcall-lint.yaml": config(lines) });
    assert.deepEqual(left, isCovered ? [] : [ID, UNUSED], lines);
  }
});
