// What is only looked at is let go: a tree has more text than a run needs memory for.
import assert from "node:assert/strict";
import { test } from "node:test";
import { createProject } from "#src/lint/index.js";
import { Source } from "#src/lint/source/source.js";

test("a text that is not what is looked for is read again when it is asked for, another is kept", () => {
  const loads: string[] = [];
  const project = createProject(["a.json", "b.json"], (file) => {
    loads.push(file);
    return new Source(file, file);
  });
  const isFirst = (text: string): boolean => text === "a.json";
  assert.equal(project.looks("a.json", isFirst), true);
  assert.equal(project.looks("b.json", isFirst), false);
  assert.equal(project.looks("c.json", isFirst), false, "it is not there");
  assert.equal(project.source("a.json")?.text, "a.json");
  assert.equal(project.source("b.json")?.text, "b.json");
  assert.deepEqual(loads, ["a.json", "b.json", "b.json"]);
  assert.equal(project.looks("b.json", isFirst), false);
  assert.equal(project.source("b.json")?.text, "b.json");
  assert.deepEqual(
    loads,
    ["a.json", "b.json", "b.json"],
    "what something else has asked for stays",
  );
});

test("a file that cannot be read is tried once", () => {
  let loads = 0;
  const project = createProject(["a.json"], () => {
    loads += 1;
    return undefined;
  });
  for (let round = 0; round < 2; round += 1)
    assert.equal(
      project.looks("a.json", () => true),
      false,
    );
  assert.equal(loads, 1);
});
