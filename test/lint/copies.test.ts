// Stages that copy from each other: what an image has of its context stays a list that can be read.
import assert from "node:assert/strict";
import { test } from "node:test";
import { createProject, examine } from "#src/lint/index.js";
import { Source } from "#src/lint/source/source.js";

function copiesOf(dockerfile: string): readonly { from: string; to: string }[] {
  const project = createProject(["Dockerfile"], (file) => new Source(file, dockerfile));
  const [workload] = examine(project).deployment.workloads;
  assert.ok(workload?.image);
  return workload.image.copies;
}

test("each copy is followed to the context, by the stage's name or its number", () => {
  const build = "FROM node:22 AS build\nWORKDIR /app\nCOPY . .\nCOPY settings /etc/shop\n";
  for (const from of ["build", "0"]) {
    assert.deepEqual(
      copiesOf(
        `${build}FROM node:22-slim\nWORKDIR /srv\nCOPY --from=${from} /app/dist ./dist\nCMD node x\n`,
      ),
      [{ from: "dist", to: "srv/dist" }],
    );
    assert.deepEqual(
      copiesOf(`${build}FROM node:22-slim\nCOPY --from=${from} / /image\nCMD node x\n`),
      [
        { from: ".", to: "image/app" },
        { from: "settings", to: "image/etc/shop" },
      ],
    );
  }
  assert.deepEqual(
    copiesOf(`${build}FROM node:22-slim\nCOPY --from=golang:1 /go /go\nCMD node x\n`),
    [],
  );
});

test("stages that multiply what they copy are bounded", () => {
  const stages = Array.from({ length: 45 }, (_, at) => {
    const copies = Array.from({ length: 10 }, (__, to) =>
      at === 0 ? `COPY a${to} /${to}` : `COPY --from=s${at - 1} / /${to}`,
    );
    return [`FROM node:22 AS s${at}`, ...copies].join("\n");
  });
  const started = performance.now();
  const { length } = copiesOf(`${stages.join("\n")}\nCMD node x\n`);
  assert.ok(length > 10 && length <= 500, String(length));
  assert.ok(performance.now() - started < 10_000);
});

test("a chain of stages without end is left", () => {
  const stages = Array.from({ length: 20_000 }, (_, at) =>
    at === 0
      ? "FROM node:22 AS s0\nCOPY . /"
      : `FROM node:22 AS s${at}\nCOPY --from=s${at - 1} / /`,
  );
  assert.deepEqual(copiesOf(`${stages.join("\n")}\nCMD node x\n`), []);
  assert.equal(copiesOf(`${stages.slice(0, 40).join("\n")}\nCMD node x\n`).length, 1);
});
