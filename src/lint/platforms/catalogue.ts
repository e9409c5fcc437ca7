// platforms/: one folder for each: how its files are read into workloads and balancers. This file is the list of them.
import { COMPOSE } from "./compose/compose.js";
import { DOCKER } from "./docker/docker.js";
import { ECS } from "./ecs/ecs.js";
import { ENVOY } from "./envoy/envoy.js";
import { FLY } from "./fly/fly.js";
import { HAPROXY } from "./haproxy/haproxy.js";
import { HEROKU } from "./heroku/heroku.js";
import { KUBERNETES } from "./kubernetes/kubernetes.js";
import { NGINX } from "./nginx/nginx.js";
import { NOMAD } from "./nomad/nomad.js";
import { PM2 } from "./pm2/pm2.js";
import type { PlatformReader } from "./reader.js";
import { SYSTEMD } from "./systemd/systemd.js";
import { TRAEFIK } from "./traefik/traefik.js";

/** Every platform that is read. */
export const PLATFORMS: readonly PlatformReader[] = [
  KUBERNETES,
  COMPOSE,
  DOCKER,
  ECS,
  NOMAD,
  FLY,
  HEROKU,
  SYSTEMD,
  PM2,
  HAPROXY,
  NGINX,
  TRAEFIK,
  ENVOY,
];
