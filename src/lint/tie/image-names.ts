import type { Project } from "../files/project.js";
import { isForDevelopment, DOCKERFILE } from "../platforms/docker/dockerfiles.js";
import { YAML } from "../files/kinds.js";
import type { Build, Workload } from "../model/workload.js";
import { folderOf, joinPaths } from "../source/paths.js";
import { at, itemsOf, textOf } from "../source/tree.js";

/** The name of an image without registry, tag and digest: `ghcr.io/shop/api:1.2` is `api`. */
export function shortName(image: string): string {
  const [path = ""] = image.split("@");
  return (path.split("/").at(-1) ?? "").replace(/:.*$/, "");
}

/** Images that others make: a Dockerfile of the tree is never theirs. */
const FOREIGN =
  /^(?:docker\.io\/|library\/|registry\.k8s\.io\/|k8s\.gcr\.io\/|mcr\.microsoft\.com\/|quay\.io\/(?!.*\$)|gcr\.io\/(?:distroless|cloudsql|cloud-sql)|bitnami\w*\/|grafana\/|prom\/|jaegertracing\/|otel\/|elastic|docker\.elastic\.co\/|hashicorp\/|confluentinc\/|provectuslabs\/|minio\/|envoyproxy\/|istio\/|linuxserver\/|mailhog\/|amazon\/|localstack\/|getmeili\/|dpage\/|apache\/|rancher\/|traefik|jwilder\/|nginxproxy\/|openzipkin\/|mongodb\/|public\.ecr\.aws\/(?:docker|ubuntu|lts)\/|ghcr\.io\/(?:linuxserver|open-telemetry|grafana)\/|lscr\.io\/)|^(?:postgres|postgis|redis|mysql|mariadb|mongo|mongo-express|rabbitmq|nginx|haproxy|httpd|traefik|caddy|memcached|kafka|zookeeper|elasticsearch|kibana|logstash|consul|vault|etcd|nats|minio|influxdb|grafana|prometheus|adminer|busybox|alpine|ubuntu|debian|node|python|keycloak|sonarqube|registry|nextcloud|wordpress|couchdb|neo4j|cassandra|clickhouse|bash|docker|curl|valkey)(?::|@|$)/;

/** Whether an image may be made from the tree. */
export function isOwnImage(image: string): boolean {
  return !FOREIGN.test(image);
}

/** Whether its name is that of a product with an image of its own: `jenkins/jenkins`, `kong/kong`. */
export function isProduct(image: string): boolean {
  return /^(?:docker\.io\/)?([\w-]+)\/\1(?::|@|$)/.test(image);
}

/** The Dockerfiles that something may deploy. */
export function listDockerfiles(project: Project): readonly string[] {
  return project
    .all(DOCKERFILE)
    .map(({ source }) => source.file)
    .filter((file) => !isForDevelopment(file));
}

/** How the image of that name is built; undefined where that is not certain. */
export function findBuild(project: Project, image: string): Build | undefined {
  const name = shortName(image);
  const builds = project.once(listNamedBuilds).filter((one) => one.name === name);
  const [first] = builds;
  if (first !== undefined)
    return builds.every((one) => isSame(one.build, first.build)) ? first.build : undefined;
  const dockerfiles = project.once(listDockerfiles);
  const named = dockerfiles.filter((file) => namesOf(file).includes(name.toLowerCase()));
  if (named.length === 1) return toBuild(named[0]);
  return undefined;
}

function isSame(one: Build, other: Build): boolean {
  return one.dockerfile === other.dockerfile && one.target === other.target;
}

/** The context is not known: the Dockerfile's folder is the usual one. */
export function toBuild(dockerfile: string | undefined): Build | undefined {
  return dockerfile === undefined
    ? undefined
    : { context: folderOf(dockerfile), dockerfile, target: null };
}

/** `services/api/Dockerfile`, `api.Dockerfile` and `Dockerfile.api` are of `api`. */
function namesOf(file: string): string[] {
  const name = file.split("/").at(-1) ?? "";
  const own = name.replace(/^(?:Docker|Container)file[.-]?|[.-]?(?:Docker|Container)file$/gi, "");
  const folders = folderOf(file)
    .split("/")
    .filter((part) => !["docker", "build", "deploy", "src", ""].includes(part));
  return [own, folders.at(-1) ?? ""].map((one) => one.toLowerCase()).filter((one) => one !== "");
}

interface NamedBuild {
  readonly name: string;
  readonly build: Build;
}

/** What skaffold.yaml and Compose files say about how images are built. */
function listNamedBuilds(project: Project): readonly NamedBuild[] {
  return project.all(YAML).flatMap(({ source, value }) => {
    const folder = folderOf(source.file);
    return value.flatMap(({ tree }) => {
      const artifacts = itemsOf(at(tree ?? undefined, "build", "artifacts"));
      return artifacts.flatMap((artifact) => {
        const image = textOf(at(artifact, "image"));
        const context = joinPaths(folder, textOf(at(artifact, "context")) ?? ".");
        const dockerfile = joinPaths(
          context,
          textOf(at(artifact, "docker", "dockerfile")) ?? "Dockerfile",
        );
        const target = textOf(at(artifact, "docker", "target")) ?? null;
        return image === undefined
          ? []
          : [{ name: shortName(image), build: { context, dockerfile, target } }];
      });
    });
  });
}

/** The same of Compose's services that have both a name and a build. */
export function listComposeBuilds(workloads: readonly Workload[]): readonly NamedBuild[] {
  return workloads.flatMap(({ imageName, build }) =>
    imageName === null || build === null ? [] : [{ name: shortName(imageName.value), build }],
  );
}
