import type { Inspection, InspectionName } from "../facts/inspection.js";
import { findFreePort } from "../machine/port.js";
import type { ResolvedOptions } from "../options/resolve.js";
import { loopback, portOf } from "../request/address.js";
import { untilReady } from "../subject/ready.js";
import { startSpawned } from "../subject/spawned.js";
import type { Subject } from "../subject/subject.js";
import { Trial, type TrialContext } from "../trial/trial.js";
import { NotInspectedError } from "./errors.js";
import { InspectLink } from "./link.js";
import { stopAnswered } from "./passes/after-answer.js";
import { leaveRequests } from "./passes/client-leaves.js";
import { stopRequests } from "./passes/stop-passes.js";
import { InspectSession, type Seen } from "./session.js";

type Inspect = (session: InspectSession) => Promise<Seen>;

const INSPECTIONS: Readonly<Record<InspectionName, Inspect>> = {
  "client-leaves": leaveRequests,
  "stop-passes": stopRequests,
  "after-answer": stopAnswered,
};

/** One start of the service with the preload, and one way to end its requests. */
export class InspectTrial extends Trial<Inspection> {
  readonly #name: InspectionName;
  // Kept from its beginning: it may be closed while it opens.
  #link: Promise<InspectLink> | undefined;
  #session: InspectSession | undefined;

  constructor(name: InspectionName, options: ResolvedOptions, context: TrialContext) {
    super(options, context);
    this.#name = name;
  }

  async run(): Promise<Inspection> {
    this.enter("starting");
    await this.load.ready;
    this.#link = InspectLink.open();
    const link = await this.#link;
    const subject = await this.#start(link);
    this.enter("inspecting");
    const session = new InspectSession(subject, link, this.options);
    this.#session = session;
    if (!(await this.alive(subject, session.setUp()))) {
      throw new NotInspectedError("no Node process answered");
    }
    const seen = await INSPECTIONS[this.#name](session);
    return { trial: this.context.trial, name: this.#name, ...seen };
  }

  override async close(): Promise<void> {
    this.#session?.close();
    await super.close();
    await (await this.#link)?.close();
  }

  async #start(link: InspectLink): Promise<Subject> {
    const { pointing, signal } = this.options;
    if (pointing.way !== "start") {
      throw new NotInspectedError("only a command has the preload");
    }
    const { command } = pointing;
    const address = pointing.address ?? loopback(await findFreePort());
    const env = link.extend(this.options.env);
    const subject = await startSpawned({
      command,
      env,
      generation: 0,
      address,
      signal,
      isGroup: false,
      isPid1: false,
      guard: this.guard,
      onLine: () => {},
    });
    await this.own(subject);
    const asked = `${pointing.address === null ? "PORT=" : "--port "}${portOf(address)}`;
    const told = { asked, mayMove: pointing.address === null };
    await this.alive(subject, untilReady(subject, this.question(subject), told));
    return subject;
  }
}
