import { planBudget, planSpread } from "../budget.js";
import { Fence } from "../fence.js";
import { Journal } from "../journal.js";
import type { Settings } from "../options/settings.js";
import { Probes } from "../probes/probes.js";
import { Registries } from "../registries/registries.js";
import { inContext, inNoContext, type InContext } from "../request/current.js";
import { Goodbyes } from "../server/goodbyes/goodbyes.js";
import { ServersInCare } from "../server/in-care.js";
import { Traffic } from "../server/traffic.js";
import { ServiceHooks } from "../work/service-hooks.js";
import { Work } from "../work/work.js";
import { Life } from "./life.js";
import { Readiness } from "./readiness.js";
import { Stop, type Stopped } from "./stop.js";

/** What a service is made of. */
export interface Assembled extends Stopped {
  readonly stop: Stop;
}

/**
 * Puts a service together: each part gets what it needs, and tells the others through what it is given here.
 *
 * @throws {LastcallError} `ERR_LASTCALL_BUDGET`.
 */
export function assemble(settings: Settings): Assembled {
  const plan = planBudget(settings);
  const closeSpread = planSpread(settings, plan);
  const fence: Fence = new Fence({
    applicationThrew: (message) => journal.warn("application-threw", message),
    internalsChanged: (message) => journal.warn("internals-changed", message),
    failed: (step, fault) => journal.failed(step, fault),
  });
  const journal = new Journal(settings.name, fence);
  const life = new Life(
    journal,
    () => fence.attempt("tell the watchdog", () => stop.process.update()),
    (isReady) => fence.attempt("enter registries", () => registries.ready(isReady)),
  );
  const context = settings.currentSignal ? inContext : inNoContext;
  const registries = makeRegistries(fence, context, journal);
  const goodbyes = new Goodbyes(settings.timeouts.goodbye, fence, (error) =>
    journal.warn("goodbye-failed", `A goodbye failed: ${error.message}`),
  );
  const probes = openProbes(settings, life, journal, fence);
  const shared = { settings, closeSpread, life, journal, fence, goodbyes, probes, registries };
  const servers = new ServersInCare({
    ...shared,
    changed: () => readiness.judge(),
    attachedLate: (server) => stop.attached(server),
    responseEnded: () => traffic.responseEnded(),
    toldToListen: () => {
      journal.warn(
        "late-start",
        "server.listen() was called after the drain had begun; nothing is bound",
      );
      work.starts.end();
    },
    beforeClose: () => stop.process.beforeClose(),
  });
  const cutoff = life.cutoff.signal;
  const probers = probes?.probers;
  const traffic = new Traffic({ ...shared, servers: servers.current, cutoff, probers });
  const work = new Work({
    ...shared,
    inContext: context,
    isOwn: (object) => probes?.owns(object) === true || servers.owns(object),
    startsChanged: () => readiness.judge(),
    stop: (reason) => stop.process.stop(reason),
  });
  const hooks = new ServiceHooks({
    ...shared,
    inContext: context,
    starts: work.starts,
    plan,
    budget: () => stop.budget,
  });
  const readiness = new Readiness(life, servers, work, () => stop.process.ready());
  const stopped: Stopped = { ...shared, servers, traffic, work, hooks, readiness };
  const stop: Stop = new Stop(stopped, plan);
  return { ...stopped, stop };
}

function makeRegistries(fence: Fence, inContext: InContext, journal: Journal): Registries {
  return new Registries({
    fence,
    inContext,
    entered: (name) => journal.tell("registry-enter", { name }),
    left: (report) => journal.tell("registry-leave", report),
    warn: (code, message) => journal.warn(code, message),
  });
}

function openProbes(
  { probes: settings, lameDuck }: Settings,
  life: Life,
  journal: Journal,
  fence: Fence,
): Probes | undefined {
  if (settings === undefined) return undefined;
  const probes = new Probes(
    settings,
    lameDuck.fall,
    () => life.phase,
    fence,
    (name, why) => journal.warn("check-failed", `Readiness check \`${name}\` failed: ${why}`),
  );
  probes.open((error) => journal.warn("probe-port", `Probes: ${error.message}`));
  return probes;
}
