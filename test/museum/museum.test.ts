// The museum's manifest says what there is, and the script that proves all of it (`npm run museum`)
// can tell right from wrong. Here it proves a few.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { text } from "node:stream/consumers";
import { describe, test } from "node:test";
import { pathToFileURL } from "node:url";
import { EFFECT_RULES, INSPECT_RULES, RULES } from "#src/prove/findings/catalogue.js";
import { comparison, idsOf, readExhibits, script, services } from "./collection.js";

const exhibits = readExhibits();
const all = exhibits.flatMap((exhibit) =>
  Object.entries(exhibit.services).map(([name, service]) => ({ name, service, exhibit })),
);

describe("the museum's manifest", () => {
  test("every finding of the catalogue has a broken service and a mended one", () => {
    for (const { id } of [...RULES, ...INSPECT_RULES, ...EFFECT_RULES]) {
      const exhibit = exhibits.find(({ finding }) => finding === id);
      assert.equal(exhibit?.folder, id.replace("/", "-"), id);
      const stems = Object.keys(exhibit?.services ?? {}).map((name) => name.split(".")[0]);
      assert.ok(stems.includes("broken") && stems.includes("mended"), id);
    }
  });

  test("a broken service has one defect, its folder's; a mended or correct one has none", () => {
    for (const { name, service, exhibit } of all) {
      const isBroken = name.startsWith("broken");
      assert.equal(isBroken || name.startsWith("mended"), exhibit.finding !== null, name);
      const expected = isBroken ? [...(exhibit.beside ?? []), exhibit.finding] : [];
      assert.deepEqual(idsOf(service), expected, `${exhibit.folder}/${name}`);
    }
  });

  test("every program is in the manifest, and every service is there", () => {
    for (const { folder, services: listed } of exhibits) {
      const programs = readdirSync(path.join(services, folder)).filter((name) =>
        /^(broken|mended)|\.(go|py|sh)$/.test(name),
      );
      const named = Object.keys(listed).filter((name) => listed[name]?.command === undefined);
      const files = readdirSync(path.join(services, folder));
      assert.deepEqual(
        programs.filter((name) => !named.includes(name)),
        [],
        folder,
      );
      assert.deepEqual(
        named.filter((name) => !files.includes(name)),
        [],
        folder,
      );
    }
  });

  test("there are many, in several languages and frameworks", () => {
    const broken = all.filter(({ name }) => name.startsWith("broken"));
    const correct = all.filter(({ exhibit }) => exhibit.finding === null);
    assert.ok(broken.length >= 30, `${String(broken.length)} broken`);
    assert.ok(correct.length >= 8, `${String(correct.length)} correct`);
    for (const part of [".go", ".py", "express", "fastify", "nest", "cluster", "threads", "npm"]) {
      assert.ok(
        all.some(({ name }) => name.includes(part)),
        part,
      );
    }
  });
});

describe("the museum's script", { concurrency: 2 }, () => {
  test("a broken service is found broken, its mended one and a correct one are not", async () => {
    const { code, stdout } = await runMuseum([
      "exit-at-once/broken.js",
      "exit-code-lies/mended.js",
    ]);
    assert.equal(code, 0, stdout);
    assert.match(stdout, /✓ exit-at-once\/broken\.js .* exit\/at-once\n/);
    assert.match(stdout, /✓ exit-code-lies\/mended\.js .* nothing\n/);
    assert.match(stdout, /2 services, 0 skipped, in \d+ s: all as expected\n$/);
  });

  test("control: a finding that nobody expected, and one that is not there → exit code 1", async (t) => {
    const folder = mkdtempSync(path.join(tmpdir(), "lastcall-museum-"));
    t.after(() => rmSync(folder, { recursive: true, force: true }));
    cpSync(path.join(services, "exit-at-once"), path.join(folder, "wrong"), { recursive: true });
    // With its own options, which have something in flight at the exit.
    const file = path.join(folder, "wrong", "service.json");
    const { options } = JSON.parse(readFileSync(file, "utf8")) as { options: unknown };
    const wrong = { "broken.js": { expects: ["inflight/cut"] } };
    writeFileSync(file, JSON.stringify({ finding: "inflight/cut", options, services: wrong }));
    const { code, stdout } = await runMuseum(["--collection", folder]);
    assert.equal(code, 1, stdout);
    assert.match(stdout, /✗ wrong\/broken\.js: inflight\/cut was not found\n/);
    assert.match(stdout, /✗ wrong\/broken\.js: exit\/at-once was found: /);
    assert.match(stdout, /1 services, 0 skipped, in \d+ s: DIFFERENCES\n$/);
  });

  test("control: the right finding in the wrong line → a difference", async () => {
    const { compare } = (await import(pathToFileURL(comparison).href)) as Comparison;
    const expected = { id: "work/left-behind", file: "broken.js", line: 14 };
    const found = (line: number): string[] => {
      const evidence = [{ source: { file: "/srv/broken.js", line } }];
      const finding = { id: "work/left-behind", what: "1 timer", evidence };
      return compare({ expects: [expected] }, { verdict: "fail", findings: [finding] }).wrong;
    };
    assert.deepEqual(found(14), []);
    assert.deepEqual(found(15), [
      "work/left-behind should name broken.js:14, and names /srv/broken.js:15",
    ]);
  });
});

interface Comparison {
  readonly compare: (service: unknown, outcome: unknown) => { wrong: string[] };
}

async function runMuseum(words: readonly string[]): Promise<{ code: unknown; stdout: string }> {
  const child = spawn(process.execPath, [script, ...words], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const output = text(child.stdout);
  const [code] = (await once(child, "close")) as [number | null];
  return { code, stdout: await output };
}
