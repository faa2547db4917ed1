// The last minutes, second by second, for the charts. Pure.
import type { ConsoleState, Sample, ZoneSample } from './state.ts';

/** Five minutes. */
export const samplesMax = 300;

export class Samples {
  readonly #kept: Sample[] = [];

  add(sample: Sample): void {
    this.#kept.push(sample);
    if (this.#kept.length > samplesMax) this.#kept.shift();
  }

  /** Oldest first. */
  all(): readonly Sample[] {
    return [...this.#kept];
  }
}

/** What the gateways' reports say of each zone as a server of calls. */
export function sampleOf(
  zones: readonly string[],
  reports: ConsoleState['reports'],
  wallMs: number,
): Sample {
  const edges = Object.values(reports).flatMap((report) => report?.gateway?.edges ?? []);
  const sampleOfZone = (zone: string): ZoneSample => {
    const own = edges.filter((edge) => edge.zone === zone);
    return {
      perSecond: sum(own.map(({ callsPerSecond }) => callsPerSecond)),
      failedPerSecond: sum(own.map(({ failedPerSecond }) => failedPerSecond)),
      p50Ms: worst(own.map(({ p50Ms }) => p50Ms)),
      p99Ms: worst(own.map(({ p99Ms }) => p99Ms)),
    };
  };
  return {
    atS: Math.floor(wallMs / 1_000),
    zones: Object.fromEntries(zones.map((zone) => [zone, sampleOfZone(zone)])),
  };
}

function sum(values: readonly number[]): number {
  return Math.round(10 * values.reduce((total, value) => total + value, 0)) / 10;
}

function worst(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : Math.max(...known);
}
