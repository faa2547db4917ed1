// What routing may make of the verdicts. Pure. Advice only shifts a preference, ends by itself, and never empties the region:
// when too few zones would be left, everything is sick or nobody can tell, and all zones are as good as each other.
import type { Verdict } from './verdicts.ts';

export const advicePolicy = {
  /** So long after it was given. Monitors that die take their advice with them. */
  lifeMs: 30_000,
  /** Fewer zones than this do not make a majority of acceptors reachable. */
  servingMin: 2,
} as const;

export interface Advice {
  /** Each zone's part of its usual requests, 0 to 1. */
  readonly weights: Readonly<Record<string, number>>;
  /** Too few zones look well: the verdicts are not followed. */
  readonly isPanic: boolean;
  /** ISO time. */
  readonly expiresAt: string;
}

/** Advice given at `wallMs`. `drained`: the zones that an operator keeps requests away from. */
export function adviceOf(
  all: readonly Verdict[],
  drained: readonly string[],
  wallMs: number,
): Advice {
  const verdicts = all.map(({ zone, weight }) => ({
    zone,
    weight: drained.includes(zone) ? 0 : weight,
  }));
  const serving = verdicts.filter(({ weight }) => weight > 0).length;
  const isPanic = serving < Math.min(advicePolicy.servingMin, verdicts.length);
  const weights = verdicts.map(({ zone, weight }) => [zone, isPanic ? 1 : weight] as const);
  const expiresAt = new Date(wallMs + advicePolicy.lifeMs).toISOString();
  return { weights: Object.fromEntries(weights), isPanic, expiresAt };
}
