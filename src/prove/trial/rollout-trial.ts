import { setTimeout as sleep } from "node:timers/promises";
import { constants } from "node:os";
import { CannotRunError } from "../facts/errors.js";
import type { TrialResult } from "../facts/result.js";
import type { Rollout } from "../facts/rollout.js";
import type { SubjectExit } from "../facts/stop.js";
import { findGaps } from "../judge/gaps.js";
import { now } from "../machine/now.js";
import type { RolloutPointing } from "../options/pointing.js";
import type { ResolvedOptions } from "../options/resolve.js";
import { hasNotRun, startShell, type Child } from "../subject/child.js";
import { reach } from "../subject/remote.js";
import { concludeRollout } from "./conclude.js";
import { Trial, type TrialContext } from "./trial.js";

/** Loads what runs already, runs a command meanwhile, and goes on for a while after its end. */
export class RolloutTrial extends Trial {
  readonly #pointing: RolloutPointing;
  #command: Child | undefined;

  constructor(options: ResolvedOptions, pointing: RolloutPointing, context: TrialContext) {
    super(options, context);
    this.#pointing = pointing;
  }

  async run(): Promise<TrialResult> {
    const { during, tail, address } = this.#pointing;
    this.enter("starting");
    await this.prepareLoad();
    const subject = await reach(address, null);
    await this.answered(subject);
    await this.warm(subject);
    const startedAt = now();
    this.enter("rolling");
    const exit = await Promise.race([this.#run(during), this.load.lost]);
    this.enter("tail");
    await Promise.race([sleep(tail, undefined, { ref: false }), this.load.lost]);
    const outcome = await this.load.finish("now");
    const effects = await this.askEffects(subject);
    const rollout: Rollout = {
      command: during,
      exitCode: exit.code ?? 128 + (exit.signal === null ? 0 : constants.signals[exit.signal]),
      startMs: 0,
      endMs: Math.round(exit.at - startedAt),
      tailMs: tail,
      gaps: findGaps(outcome.entries, startedAt),
    };
    const notes = exit.code === 0 ? [] : [await this.#describeFailure()];
    const { silence: limitMs, rtt } = this.options;
    const times = { startedAt, limitMs, rtt };
    return concludeRollout(rollout, { context: this.context, outcome, notes, effects }, times);
  }

  override async close(): Promise<void> {
    // What the command has left running on purpose stays.
    await this.#command?.release();
    await super.close();
  }

  async #run(text: string): Promise<SubjectExit> {
    const { env } = this.options;
    const command = await startShell(text, { env, guard: this.guard });
    this.#command = command;
    if (this.isOver) await command.close();
    const exit = await command.exit;
    this.load.command({ type: "unguard", started: command.started });
    if (!hasNotRun(exit)) return exit;
    const why = `cannot run \`${text}\`. ${await command.describeOutput()}`;
    throw new CannotRunError("PROVE_CANNOT_START", why);
  }

  async #describeFailure(): Promise<string> {
    return `\`${this.#pointing.during}\` failed. ${(await this.#command?.describeOutput()) ?? ""}`;
  }
}
