// Second by second: what the load met that began in it, and what the looks in and after it counted. Pure.
import type { ZoneVerdict } from '@zonehold/api-contract';
import { percentile } from '@zonehold/loadgen';
import type { Counters, Look, Observations, Sample } from './observations.ts';

export interface Second {
  /** 0 is the first of the quiet time. */
  readonly second: number;
  readonly requests: number;
  readonly failed: number;
  /** 1 when nothing was asked. */
  readonly successRatio: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Attempts after the first, of all gateways. */
  readonly retries: number;
  readonly attemptsPerRequest: number;
  /** By gateways and key-managers, as their logs tell. */
  readonly ejections: number;
  readonly panics: number;
  /** Not closed, as the last look in it saw them. */
  readonly openCircuits: number;
  /** Attempts on key-managers by their zone. */
  readonly attemptsByZone: Readonly<Record<string, number>>;
  readonly verdicts: Readonly<Record<string, ZoneVerdict>>;
}

/** The seconds from 0 up to the last that was wholly part of the run. */
export function secondsOf(
  { samples, looks, decisions }: Observations,
  zones: readonly string[],
  endsMs: number,
): Second[] {
  const count = Math.max(1, Math.floor(endsMs / 1_000));
  const bySecond = Array.from({ length: count }, (): Sample[] => []);
  for (const sample of samples) bySecond[Math.floor(sample.beganMs / 1_000)]?.push(sample);
  return bySecond.map((begun, second) => {
    const failed = begun.filter(({ failure }) => failure !== undefined).length;
    const counted = difference(
      countersAt(looks, second * 1_000),
      countersAt(looks, (second + 1) * 1_000),
      zones,
    );
    const isNow = (atMs: number): boolean => Math.floor(atMs / 1_000) === second;
    const look = looks.findLast(({ atMs }) => atMs <= (second + 1) * 1_000);
    return {
      second,
      ...{ requests: begun.length, failed },
      successRatio: begun.length === 0 ? 1 : rounded((begun.length - failed) / begun.length),
      ...latencies(begun),
      ...counted,
      ejections: decisions.filter(({ atMs, kind }) => kind === 'endpoint.ejected' && isNow(atMs))
        .length,
      attemptsPerRequest: attemptsPerRequest([
        { requests: begun.length, retries: counted.retries },
      ]),
      openCircuits: look?.openCircuits ?? 0,
      verdicts: look?.verdicts ?? {},
    };
  });
}

/** How often requests were sent to a key-manager: once, and once more for each retry. */
export function attemptsPerRequest(
  seconds: readonly Pick<Second, 'requests' | 'retries'>[],
): number {
  const requests = sum(seconds.map((second) => second.requests));
  const retries = sum(seconds.map((second) => second.retries));
  return requests === 0 ? 1 : rounded(1 + retries / requests);
}

/** Of the answered ones. */
export function latencies(samples: readonly Sample[]): { p50Ms: number; p99Ms: number } {
  const sorted = samples
    .filter(({ failure }) => failure === undefined)
    .map(({ latencyMs }) => latencyMs)
    .toSorted((left, right) => left - right);
  return { p50Ms: rounded(percentile(sorted, 0.5)), p99Ms: rounded(percentile(sorted, 0.99)) };
}

type Grown = Omit<Counters, 'ejections'>;
const none: Grown = { retries: 0, panics: 0, attemptsByZone: {} };

/** Between two looks a counter is taken to have grown evenly: looks do not come on the second. */
function countersAt(looks: readonly Look[], atMs: number): Grown {
  const after = looks.find((look) => look.atMs >= atMs);
  const before = looks.findLast((look) => look.atMs < atMs) ?? after;
  if (after === undefined || before === undefined) return (after ?? before)?.counters ?? none;
  const part = after === before ? 0 : (atMs - before.atMs) / (after.atMs - before.atMs);
  const between = (from: number, to: number): number => from + (to - from) * part;
  const [left, right] = [before.counters, after.counters];
  return {
    retries: between(left.retries, right.retries),
    panics: between(left.panics, right.panics),
    attemptsByZone: Object.fromEntries(
      Object.entries(right.attemptsByZone).map(([zone, attempts]) => [
        zone,
        between(left.attemptsByZone[zone] ?? 0, attempts),
      ]),
    ),
  };
}

function difference(from: Grown, to: Grown, zones: readonly string[]): Grown {
  const grown = (before = 0, after = 0): number => rounded(Math.max(0, after - before));
  return {
    retries: grown(from.retries, to.retries),
    panics: grown(from.panics, to.panics),
    attemptsByZone: Object.fromEntries(
      zones.map((zone) => [zone, grown(from.attemptsByZone[zone], to.attemptsByZone[zone])]),
    ),
  };
}

/** Three digits after the point: reports are read by people too. */
export function rounded(value: number): number {
  return Math.round(value * 1_000) / 1_000;
}

export function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
