// What a scenario can promise: one table, each row says what is measured and which side of the limit is good. Pure.
import type { Findings } from './findings.ts';
import type { PromiseName, Scenario } from './scenario.ts';

interface PromiseRow {
  /** What is measured, with the limit to follow. */
  readonly sentence: string;
  readonly side: 'at most' | 'at least';
  readonly unit: string;
  /** null: it never happened, and then no limit was kept. */
  readonly measure: (findings: Findings) => number | null;
}

const rows: Readonly<Record<PromiseName, PromiseRow>> = {
  failedMax: {
    sentence: 'failed requests',
    ...{ side: 'at most', unit: '' },
    measure: ({ failed }) => failed,
  },
  failedRatioMax: {
    sentence: 'part of the requests in the trouble that failed',
    ...{ side: 'at most', unit: '' },
    measure: ({ failedRatioInTrouble }) => failedRatioInTrouble,
  },
  keysLostMax: {
    sentence: 'acknowledged keys that are lost',
    ...{ side: 'at most', unit: '' },
    measure: ({ keysLost }) => keysLost,
  },
  attemptsPerRequestMax: {
    sentence: 'attempts per request, over the run and over any five seconds',
    ...{ side: 'at most', unit: '' },
    measure: ({ attemptsPerRequest, attemptsPerRequestWorst }) =>
      Math.max(attemptsPerRequest, attemptsPerRequestWorst),
  },
  ejectionsMin: {
    sentence: 'ejections',
    ...{ side: 'at least', unit: '' },
    measure: ({ ejections }) => ejections,
  },
  ejectionsPerHoldDownMax: {
    sentence: 'ejections of an endpoint within one hold-down',
    ...{ side: 'at most', unit: '' },
    measure: ({ ejectionsPerHoldDown }) => ejectionsPerHoldDown,
  },
  panicsMin: {
    sentence: 'attempts in panic mode',
    ...{ side: 'at least', unit: '' },
    measure: ({ panics }) => panics,
  },
  zoneShareMin: {
    sentence: 'smallest share of a zone in the attempts during the trouble',
    ...{ side: 'at least', unit: '' },
    measure: ({ zoneShares }) => Math.min(...Object.values(zoneShares)),
  },
  servedAgainMin: {
    sentence: 'part of the requests in the last second that succeeded',
    ...{ side: 'at least', unit: '' },
    measure: ({ servedAgain }) => servedAgain,
  },
  detectionMaxS: {
    sentence: 'until a gateway routed around it',
    ...{ side: 'at most', unit: 's' },
    measure: ({ detection }) => detection?.afterS ?? null,
  },
  ejectionMaxS: {
    sentence: 'until it was ejected',
    ...{ side: 'at most', unit: 's' },
    measure: ({ ejection }) => ejection?.afterS ?? null,
  },
  verdictDownMaxS: {
    sentence: 'until the monitors called the zone down',
    ...{ side: 'at most', unit: 's' },
    measure: ({ verdictDown }) => verdictDown?.afterS ?? null,
  },
  p99TimesQuietMax: {
    sentence:
      'p99 in the trouble (from its detection, where one is promised), in times of the quiet p99',
    ...{ side: 'at most', unit: '' },
    measure: ({ p99TimesQuiet }) => p99TimesQuiet,
  },
  recoveryMaxS: {
    sentence: 'from the end of the trouble until all was well',
    ...{ side: 'at most', unit: 's' },
    measure: ({ recoveredAfterS }) => recoveredAfterS,
  },
};

/** `correctness` holds on any machine, `timing` on a quiet one. */
export type PromiseClass = keyof Scenario['promises'];

export interface JudgedPromise {
  readonly name: PromiseName;
  readonly class: PromiseClass;
  readonly sentence: string;
  readonly side: 'at most' | 'at least';
  readonly limit: number;
  readonly unit: string;
  /** null: it never happened. */
  readonly measured: number | null;
  readonly isKept: boolean;
  /** False: it is shown, and does not decide how the run ends. */
  readonly isBinding: boolean;
}

/** Every promise of the scenario. `binding`: the classes that decide. */
export function judge(
  { promises }: Scenario,
  findings: Findings,
  binding: readonly PromiseClass[],
): JudgedPromise[] {
  return (['correctness', 'timing'] as const).flatMap((kind) =>
    (Object.keys(rows) as PromiseName[]).flatMap((name) => {
      const limit = promises[kind][name];
      if (limit === undefined) return [];
      const { sentence, side, unit, measure } = rows[name];
      const measured = measure(findings);
      return {
        ...{ name, class: kind, sentence, side, limit, unit, measured },
        isKept: isWithin(side, measured, limit),
        isBinding: binding.includes(kind),
      };
    }),
  );
}

/** Is the figure on the good side of the limit? */
export function isWithin(
  side: JudgedPromise['side'],
  measured: number | null,
  limit: number,
): boolean {
  if (measured === null) return false;
  return side === 'at most' ? measured <= limit : measured >= limit;
}

/** The promises that decide and were not kept. */
export function brokenOf(promises: readonly JudgedPromise[]): readonly JudgedPromise[] {
  return promises.filter(({ isKept, isBinding }) => isBinding && !isKept);
}

/** `failed requests: 3 (at most 0)`. */
export function promiseText({ sentence, measured, side, limit, unit }: JudgedPromise): string {
  const withUnit = (value: number): string => `${value}${unit === '' ? '' : ` ${unit}`}`;
  return `${sentence}: ${measured === null ? 'never' : withUnit(measured)} (${side} ${withUnit(limit)})`;
}
