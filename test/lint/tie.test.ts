// What belongs together, and what is not certain to.
import assert from "node:assert/strict";
import { test } from "node:test";
import { createProject, examine } from "#src/lint/index.js";
import { Source } from "#src/lint/source/source.js";

type Files = Readonly<Record<string, string>>;

/** The program and the Dockerfile of each workload. */
function tie(files: Files, app: string | null = null): Record<string, string> {
  const project = createProject(Object.keys(files), (file) => new Source(file, files[file] ?? ""));
  const { workloads } = examine(project, app).deployment;
  return Object.fromEntries(
    workloads.map(({ name, image, application }) => [
      name,
      `${image?.file ?? "-"} ${application?.entry ?? "-"} ${application?.lastcall?.gracePeriod?.value ?? "-"}`,
    ]),
  );
}

const deployment = (name: string, image: string): string =>
  `apiVersion: apps/v1\nkind: Deployment\nmetadata: { name: ${name} }\nspec:\n  template:\n    spec:\n      containers: [{ name: ${name}, image: "${image}" }]\n---\n`;
const server = (grace: number): string =>
  `import { lastcall } from "lastcall";\nlastcall({ gracePeriod: ${grace} });\n`;
const dockerfile = (entry: string): string =>
  `FROM node:22\nWORKDIR /app\nCOPY package.json .\nCOPY . .\nCMD ["node", "${entry}"]\n`;
const PACKAGE = `{ "dependencies": { "lastcall": "1" }, "scripts": { "start": "node server.js" } }`;
const service = (name: string, grace: number): Files => ({
  [`${name}/Dockerfile`]: dockerfile("server.js"),
  [`${name}/server.js`]: server(grace),
  [`${name}/package.json`]: PACKAGE,
});

test("an image's last name is the folder of its Dockerfile", () => {
  const files = {
    "k8s.yaml": deployment("api", "ghcr.io/shop/api:1") + deployment("web", "web@sha256:0"),
    ...service("services/api", 1_000),
    ...service("services/web", 2_000),
  };
  assert.deepEqual(tie(files), {
    api: "services/api/Dockerfile services/api/server.js 1000",
    web: "services/web/Dockerfile services/web/server.js 2000",
  });
});

test("two Dockerfiles of one name, and an image of others, are not tied", () => {
  const files = {
    "k8s.yaml": deployment("api", "ghcr.io/shop/api:1"),
    ...service("a/api", 1_000),
    ...service("b/api", 2_000),
  };
  assert.equal(tie(files)["api"], "- - -");
  const foreign = { "k8s.yaml": deployment("db", "postgres:16"), ...service("api", 1_000) };
  assert.equal(tie(foreign)["db"], "- - -");
});

test("one Dockerfile is that of the only image that is not another's", () => {
  const one = deployment("front", "shop:1") + deployment("db", "postgres:16");
  const files = { "k8s.yaml": one, ...service("src", 3_000) };
  assert.equal(tie(files)["front"], "src/Dockerfile src/server.js 3000");
  const two = { ...files, "k8s.yaml": one + deployment("back", "other:1") };
  assert.equal(tie(two)["front"], "- - -");
});

test("skaffold and Compose say how an image is built", () => {
  const skaffold =
    "apiVersion: skaffold/v4\nkind: Config\nbuild:\n  artifacts: [{ image: shop-front, context: ui }]\n";
  const files = {
    "k8s.yaml": deployment("a", "shop-front") + deployment("b", "shop-back"),
    "skaffold.yaml": skaffold,
    "compose.yaml": "services:\n  c: { image: shop-back, build: ./srv }\n",
    ...service("ui", 1_000),
    ...service("srv", 2_000),
  };
  const tied = tie(files);
  assert.equal(tied["a"], "ui/Dockerfile ui/server.js 1000");
  assert.equal(tied["b"], "srv/Dockerfile srv/server.js 2000");
  assert.equal(tied["c"], "srv/Dockerfile srv/server.js 2000");
});

test("npm start leads to the file, dist/ to its source, and --app says where the program is", () => {
  const npm = {
    ...service("api", 1_000),
    "api/Dockerfile": 'FROM node:22\nCOPY package.json .\nCMD ["npm", "start"]\n',
  };
  assert.equal(
    tie({ "k8s.yaml": deployment("api", "api"), ...npm })["api"],
    "api/Dockerfile api/server.js 1000",
  );
  const built = {
    "k8s.yaml": deployment("api", "api"),
    "api/Dockerfile": dockerfile("dist/main.js"),
    "api/package.json": PACKAGE,
    "api/src/main.ts": server(4_000),
  };
  assert.equal(tie(built)["api"], "api/Dockerfile api/src/main.ts 4000");
  const elsewhere = {
    "k8s.yaml": deployment("x", "y"),
    "app/package.json": PACKAGE,
    "app/a.js": server(5_000),
  };
  assert.equal(tie(elsewhere, "app")["x"], "- - 5000");
});

test("options that are no literals make the budget unknown, and the environment fills in what the program leaves out", () => {
  const files = (code: string, env = ""): Files => ({
    "k8s.yaml": deployment("api", "api").replace("}]", `${env}}]`),
    ...service("api", 1),
    "api/server.js": `import { lastcall } from "lastcall";\n${code}\n`,
  });
  const grace = (code: string, env?: string): string =>
    tie(files(code, env))["api"]?.split(" ")[2] ?? "";
  const env = `, env: [{ name: LASTCALL_GRACE_PERIOD, value: 7s }]`;
  assert.equal(grace("lastcall();"), "30000");
  assert.equal(grace("lastcall({ gracePeriod: Number(process.env.G) });"), "-");
  assert.equal(grace("lastcall(options);"), "-");
  assert.equal(grace("lastcall();", env), "7000");
  assert.equal(grace("lastcall({ gracePeriod: 9_000 });", env), "9000");
  assert.equal(
    grace("lastcall();", `, env: [{ name: LASTCALL_GRACE_PERIOD, valueFrom: {} }]`),
    "-",
  );
});
