import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { temporaryFolder } from "../package/project.js";
import { runCli } from "./run-cli.js";

const SERVICE = `import http from "node:http";
http.createServer((req, res) => setTimeout(() => res.end("ok"), 50)).listen(process.env.PORT);
`;

const DEPLOYMENT = `FROM node:22
WORKDIR /app
COPY . .
CMD ["node", "server.js"]
`;

for (const isDeployed of [true, false]) {
  test(`a proof that failed names what lint would have found${isDeployed ? "" : " (control: nothing of a deployment is there)"}`, async (t) => {
    const folder = temporaryFolder(t);
    writeFileSync(path.join(folder, "package.json"), '{ "type": "module" }');
    writeFileSync(path.join(folder, "server.js"), SERVICE);
    if (isDeployed) writeFileSync(path.join(folder, "Dockerfile"), DEPLOYMENT);
    const { code, stdout, stderr } = await runCli(
      ["prove", "--quick", "--", process.execPath, "server.js"],
      {},
      folder,
    );
    assert.equal(code, 1, stdout + stderr);
    assert.match(stdout, /exit\/died-of-signal/);
    const foretold =
      /would have found signal\/no-listener: .*\((?:Dockerfile|server\.js):\d+:\d+\)/;
    if (isDeployed) assert.match(stderr, foretold);
    else assert.doesNotMatch(stderr, /would have found/);
  });
}
