// What the museum has: its services, each with what is to be found in it.
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";

/** Where it is kept. */
export const COLLECTION = path.join(
  import.meta.dirname,
  "..",
  "..",
  "test",
  "fixtures",
  "services",
);

/** As short as is certain on a busy machine; a service's own options replace them. */
const OPTIONS = {
  "--warmup": "300ms",
  "--lag": "400ms",
  "--grace": "6s",
  "--clients": "pool=10,fresh=3,slow=2,upload=2,idle=4,silent=2,half-head=2,h2=2,h2-idle=2",
};

/** Every service, or those whose name (`inflight-cut/broken.js`) contains one of the patterns. */
export function listServices(root, patterns) {
  return readdirSync(root, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .flatMap(({ name }) => readFolder(root, name))
    .filter(({ name }) => patterns.length === 0 || patterns.some((part) => name.includes(part)))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

function readFolder(root, name) {
  const folder = path.join(root, name);
  const manifest = JSON.parse(readFileSync(path.join(folder, "service.json"), "utf8"));
  return Object.entries(manifest.services).map(([file, service]) => ({
    name: `${name}/${file}`,
    folder,
    file,
    command: service.command,
    during: service.during ?? manifest.during,
    needs: service.needs ?? [],
    options: toArguments({ ...OPTIONS, ...manifest.options, ...service.options }),
    expects: service.expects.map((expected) =>
      typeof expected === "string" ? { id: expected } : expected,
    ),
  }));
}

/** `{"--slow": ["GET /a", "GET /b"], "--tls": true}` to words. */
function toArguments(options) {
  return Object.entries(options).flatMap(([name, value]) => {
    if (value === true) return [name];
    return [value].flat().flatMap((one) => [name, one]);
  });
}
