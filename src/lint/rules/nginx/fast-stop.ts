import { chainOf } from "../../chain/surroundings.js";
import type { Deployment } from "../../model/deployment.js";
import type { Workload } from "../../model/workload.js";
import { listServices } from "../../platforms/systemd/systemd.js";
import type { Fault, Rule } from "../rule.js";

// Images of systems: what they have by themselves is no nginx, so that nothing has set a signal for it.
const SYSTEMS =
  /^(?:docker\.io\/)?(?:library\/)?(?:alpine|debian|ubuntu|node|buildpack-deps|amazonlinux|fedora)$/;

/** `nginx/fast-stop` */
export const fastStop: Rule = {
  id: "nginx/fast-stop",
  severity: "warning",
  title: "nginx is told to cut what is in flight",
  cause:
    "nginx takes SIGTERM and SIGINT for a fast stop: it closes every connection at once. SIGQUIT lets requests finish first. nginx's own image has `STOPSIGNAL SIGQUIT`; an image that installs nginx has to say so itself.",
  next: "Let the stop be SIGQUIT: `STOPSIGNAL SIGQUIT` in the Dockerfile, `KillSignal=SIGQUIT` in the unit.",
  *check(deployment) {
    for (const workload of deployment.workloads) {
      const fault =
        workload.platform === "systemd"
          ? judgeUnit(deployment, workload)
          : judge(deployment, workload);
      if (fault !== undefined) yield fault;
    }
  },
};

function isFast(signal: string): boolean {
  return /^(?:SIG)?(?:TERM|INT)$|^(?:15|2)$/.test(signal);
}

function judge({ project }: Deployment, workload: Workload): Fault | undefined {
  const { image, signal, imageName } = workload;
  const isOfficial = /^(?:docker\.io\/)?(?:library\/)?nginx(?::|@|$)/.test(
    imageName?.value ?? image?.base?.name ?? "",
  );
  const isNginx = isOfficial || chainOf(project, workload)?.program?.name === "nginx";
  if (!isNginx) return undefined;
  const written = signal?.isExplicit === true ? signal : (image?.stopSignal ?? null);
  if (written !== null) {
    if (!isFast(written.value)) return undefined;
    const what = `${workload.name}: ${written.name} ${written.value} is a fast stop of nginx`;
    return { spot: written.spot, what, edit: { spot: written.spot, text: "SIGQUIT" } };
  }
  const base = image?.base ?? null;
  if (base === null || !SYSTEMS.test(base.name) || !(image?.installs.includes("nginx") ?? false))
    return undefined;
  return { spot: base.spot, what: `${base.name} has no STOPSIGNAL, so that nginx is sent SIGTERM` };
}

function judgeUnit({ project }: Deployment, workload: Workload): Fault | undefined {
  const found = project
    .once(listServices)
    .find((service) => service.workload.spot.file === workload.spot.file);
  if (found === undefined || chainOf(project, workload)?.program?.name !== "nginx")
    return undefined;
  const { unit } = found;
  const quits = unit.all("ExecStop").some(({ value }) => /\bquit\b|QUIT/i.test(value));
  const { signal } = workload;
  if (quits || signal === null || !isFast(signal.value)) return undefined;
  const what = `${workload.name}: KillSignal ${signal.value}${signal.isExplicit ? "" : " (default)"} is a fast stop of nginx`;
  return {
    spot: signal.spot,
    what,
    ...(signal.isExplicit ? { edit: { spot: signal.spot, text: "SIGQUIT" } } : {}),
  };
}
