// rules/: what can be wrong with a deployment, one rule a file: `<platform>/<fault>.ts`. This file is the list of them.
import { BUDGET } from "./budget/rules.js";
import { COMPOSE } from "./compose/rules.js";
import { DOCKER } from "./docker/rules.js";
import { ECS } from "./ecs/rules.js";
import { ENVOY } from "./envoy/rules.js";
import { FLY } from "./fly/rules.js";
import { HAPROXY } from "./haproxy/rules.js";
import { K8S } from "./k8s/rules.js";
import { KEEPALIVE } from "./keepalive/rules.js";
import { LAG } from "./lag/rules.js";
import { LINT } from "./lint/rules.js";
import { NGINX } from "./nginx/rules.js";
import { NOMAD } from "./nomad/rules.js";
import { PM2 } from "./pm2/rules.js";
import type { Rule } from "./rule.js";
import { SIGNAL } from "./signal/rules.js";
import { SWARM } from "./swarm/rules.js";
import { SYSTEMD } from "./systemd/rules.js";
import { TRAEFIK } from "./traefik/rules.js";

/** Every rule, in the order of their pages' table. */
export const RULES: readonly Rule[] = [
  ...BUDGET,
  ...LAG,
  ...K8S,
  ...SIGNAL,
  ...DOCKER,
  ...COMPOSE,
  ...SWARM,
  ...HAPROXY,
  ...NGINX,
  ...TRAEFIK,
  ...ENVOY,
  ...KEEPALIVE,
  ...SYSTEMD,
  ...PM2,
  ...ECS,
  ...NOMAD,
  ...FLY,
  ...LINT,
];
