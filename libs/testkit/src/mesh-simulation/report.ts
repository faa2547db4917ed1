// What a simulated mesh went through, second by second, as plain data. The same seed gives the same bytes.
import type { Second } from './tally.ts';

export interface MeshReport {
  readonly scenario: string;
  readonly seed: number;
  readonly zones: number;
  readonly gateways: number;
  readonly keyManagers: number;
  readonly requestsPerSecond: number;
  readonly trouble: readonly [startsS: number, endsS: number];
  readonly seconds: readonly Second[];
  readonly failures: Readonly<Record<string, number>>;
  readonly shed: number;
}

export interface Overall {
  readonly requests: number;
  readonly failedRatio: number;
  readonly attemptsPerRequest: number;
  readonly ejections: number;
}

/** Seconds `fromS` up to, not with, `toS`. */
export function between({ seconds }: MeshReport, fromS: number, toS: number): readonly Second[] {
  return seconds.filter(({ second }) => second >= fromS && second < toS);
}

/** The whole run in four numbers. */
export function overall({ seconds }: MeshReport): Overall {
  return {
    requests: sum(seconds.map((row) => row.requests)),
    failedRatio: failedRatio(seconds),
    attemptsPerRequest: attemptsPerRequest(seconds),
    ejections: sum(seconds.map((row) => row.ejections)),
  };
}

/** How often requests of `seconds` were sent to a key-manager. */
export function attemptsPerRequest(seconds: readonly Second[]): number {
  const requests = sum(seconds.map((row) => row.requests));
  const attempts = sum(seconds.map((row) => row.requests * row.attemptsPerRequest));
  return requests === 0 ? 0 : Math.round((attempts / requests) * 10_000) / 10_000;
}

/** Which part of the requests of `seconds` failed. */
export function failedRatio(seconds: readonly Second[]): number {
  const requests = sum(seconds.map((row) => row.requests));
  const failed = requests - sum(seconds.map((row) => row.succeeded));
  return requests === 0 ? 0 : Math.round((failed / requests) * 1_000_000) / 1_000_000;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
