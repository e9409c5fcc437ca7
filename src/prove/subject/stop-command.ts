import { CannotRunError } from "../facts/errors.js";
import { startShell, type Child } from "./child.js";

/** A shell command that makes a service stop, such as `systemctl stop api`. */
export class StopCommand {
  readonly text: string;
  readonly #env: Readonly<NodeJS.ProcessEnv>;
  #child: Child | undefined;

  constructor(text: string, env: Readonly<NodeJS.ProcessEnv>) {
    this.text = text;
    this.#env = env;
  }

  /** Runs it to its end. Rejects with PROVE_STOP_FAILED when it fails. */
  async run(): Promise<void> {
    // A stop that is under way goes on without the prover.
    const child = await startShell(this.text, { env: this.#env, guard: () => {} });
    this.#child = child;
    const { code, signal } = await child.exit;
    if (code === 0) return;
    const how = signal === null ? `exited with code ${String(code)}` : `was ended by ${signal}`;
    const text = `\`${this.text}\`, which should stop the service, ${how}. ${await child.describeOutput()}`;
    throw new CannotRunError("PROVE_STOP_FAILED", text);
  }

  /** Ends it, should it still run. What it has left running on purpose stays. */
  async close(): Promise<void> {
    await this.#child?.release();
  }
}
