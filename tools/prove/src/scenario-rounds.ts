// What several rounds of the scenarios come to. Pure.
import { grouped, type Section } from './page.ts';

/** The part of a scenario's report.json that is judged here. */
export interface Round {
  readonly scenario: string;
  /** Where its report lies. */
  readonly dir: string;
  readonly findings: { readonly requests: number; readonly failed: number };
  readonly promises: readonly {
    readonly class: 'correctness' | 'timing';
    readonly sentence: string;
    readonly side: 'at most' | 'at least';
    readonly limit: number;
    /** null: it never happened. */
    readonly measured: number | null;
    readonly isKept: boolean;
  }[];
}

/** Correctness is judged round by round, timing by the median of the rounds. */
export function judgeRounds(rounds: readonly Round[]): Pick<Section, 'figures' | 'violations'> {
  const names = [...new Set(rounds.map(({ scenario }) => scenario))];
  const found = names.map((name) =>
    judgeOne(
      name,
      rounds.filter(({ scenario }) => scenario === name),
    ),
  );
  return {
    figures: found.flatMap(({ figures }) => figures),
    violations: found.flatMap(({ violations }) => violations),
  };
}

function judgeOne(name: string, rounds: readonly Round[]): Pick<Section, 'figures' | 'violations'> {
  const wrong = rounds.flatMap(({ promises, dir }) =>
    promises
      .filter((promise) => promise.class === 'correctness' && !promise.isKept)
      .map(
        ({ sentence, measured, side, limit }) =>
          `${name}: ${sentence}: ${measured ?? 'never'} (${side} ${limit}), ${dir}/report.md`,
      ),
  );
  const timings = (rounds[0]?.promises ?? [])
    .filter((promise) => promise.class === 'timing')
    .map(({ sentence, side, limit }) => {
      const middle = median(
        rounds.map(
          ({ promises }) => promises.find((other) => other.sentence === sentence)?.measured,
        ),
        side,
      );
      const isKept = side === 'at most' ? middle <= limit : middle >= limit;
      const shown = Number.isFinite(middle) ? middle.toFixed(3) : 'never';
      return { isKept, text: `${sentence}: ${shown} (${side} ${limit})` };
    });
  const requests = rounds.reduce((sum, { findings }) => sum + findings.requests, 0);
  const failed = rounds.reduce((sum, { findings }) => sum + findings.failed, 0);
  return {
    figures: [
      `${name}: ${rounds.length} rounds, ${grouped(requests)} requests, ${grouped(failed)} failed`,
      ...timings.map(({ text }) => text),
    ],
    violations: [
      ...wrong,
      ...timings.filter(({ isKept }) => !isKept).map(({ text }) => `${name}: median of ${text}`),
    ],
  };
}

/** What never happened is as far on the wrong side as can be. Of an even number the worse of the two in the middle. */
function median(
  values: readonly (number | null | undefined)[],
  side: 'at most' | 'at least',
): number {
  const worst = side === 'at most' ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY;
  const sorted = values.map((value) => value ?? worst).toSorted((left, right) => left - right);
  const at = side === 'at most' ? sorted.length >> 1 : (sorted.length - 1) >> 1;
  return sorted[at] ?? worst;
}
