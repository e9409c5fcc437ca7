import { formatCount } from "../facts/count.js";
import type { Criterion, Effects } from "../facts/result.js";

/** The criterion of what the load's requests left behind; none where that was not asked for. */
export function judgeEffects(trials: readonly { readonly effects: Effects | null }[]): Criterion[] {
  const all = trials.flatMap(({ effects }) => effects ?? []);
  if (all.length === 0) return [];
  const sum = (name: keyof Effects): number => all.reduce((total, one) => total + one[name], 0);
  const parts = [
    [sum("twice"), "twice"],
    [sum("lost"), "without an answer"],
    [sum("missing"), "missing"],
  ] as const;
  const wrong = parts.filter(([count]) => count > 0);
  const told = wrong.map(([count, how]) => `${formatCount(count)} ${how}`).join(" · ");
  const effects = sum("answered") + sum("lost");
  // Those that are missing were answered as done: they are among those of which the rest is a part.
  const counted = `${told === "" ? "0" : told} of ${formatCount(effects + sum("missing"))}`;
  return [
    {
      name: "effects that are not what was answered",
      expected: "== 0",
      measured: effects === 0 ? "none took effect" : counted,
      passed: effects === 0 ? null : wrong.length === 0,
    },
  ];
}

/** Why nothing can be said of effects; undefined when something can. */
export function findEffectFault({ answered, lost, none }: Effects): string | undefined {
  if (answered + lost > 0 || none === 0) return undefined;
  return `what took effect names none of ${formatCount(none)} requests: each has an id, as {{id}} and in X-Request-Id, which has to be recorded`;
}
