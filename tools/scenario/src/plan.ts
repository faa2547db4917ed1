// A scenario made ready for one region: placeholders filled in, repeats spelt out, times scaled and in milliseconds. Pure.
import type { SupervisedService } from '@zonehold/launcher';
import { zonePlaceholders, type Scenario, type Step } from './scenario.ts';

export type Deed =
  | {
      readonly kind: 'kill' | 'pause';
      readonly zone: string;
      readonly services: readonly SupervisedService[];
    }
  | { readonly kind: 'fault'; readonly rule: Readonly<Record<string, unknown>> }
  | { readonly kind: 'load'; readonly times: number };

/** Times count from the start of the quiet time. */
export interface PlannedStep {
  readonly deed: Deed;
  readonly startsMs: number;
  readonly endsMs: number;
}

export interface Plan {
  readonly scenario: Scenario;
  /** All of the region, in its order. */
  readonly zones: readonly string[];
  /** What `$zone` stands for. */
  readonly zone: string;
  readonly requestsPerSecond: number;
  readonly scale: number;
  readonly steps: readonly PlannedStep[];
  /** Connections are opened and code grows warm before anything is measured. */
  readonly warmUpMs: number;
  readonly troubleStartsMs: number;
  /** The end of the last kill, pause or fault. */
  readonly troubleEndsMs: number;
  readonly endsMs: number;
}

export interface PlanOptions {
  readonly zones: readonly string[];
  readonly zone?: string;
  readonly requestsPerSecond?: number;
  /** Of all times; 1 is what the file says. */
  readonly scale: number;
}

const warmUpFullMs = 4_000;

/** Throws a sentence when the zone is none of the region's. */
export function planOf(scenario: Scenario, options: PlanOptions): Plan {
  const { zones, scale } = options;
  const zone = options.zone ?? zones[1] ?? zones[0] ?? '';
  if (!zones.includes(zone)) {
    throw new Error(`There is no zone ${zone}; the zones are ${zones.join(', ')}.`);
  }
  const places = [zone, ...zones.filter((other) => other !== zone)];
  const scaled = (valueS: number): number => Math.round(valueS * scale * 1_000);
  const troubleStartsMs = scaled(scenario.quietS);
  const steps = scenario.steps.flatMap((step) => {
    const deed = deedOf(step, places);
    return occurrences(step).map((atS) => ({
      deed,
      startsMs: troubleStartsMs + scaled(atS),
      endsMs: troubleStartsMs + scaled(atS + step.forS),
    }));
  });
  const ends = (of: readonly PlannedStep[]): number => Math.max(...of.map(({ endsMs }) => endsMs));
  const harmful = steps.filter(({ deed }) => deed.kind !== 'load');
  const troubleEndsMs = ends(harmful.length > 0 ? harmful : steps);
  return {
    ...{ scenario, zones, zone, scale, steps, troubleStartsMs, troubleEndsMs },
    requestsPerSecond: options.requestsPerSecond ?? scenario.requestsPerSecond,
    warmUpMs: Math.round(warmUpFullMs * Math.min(1, scale)),
    endsMs: Math.max(ends(steps), troubleEndsMs + scaled(scenario.recoveryS)),
  };
}

function occurrences({ atS, repeat }: Step): number[] {
  const { everyS, times } = repeat ?? { everyS: 0, times: 1 };
  return Array.from({ length: times }, (_, at) => atS + at * everyS);
}

function deedOf({ kill, pause, fault, load }: Step, places: readonly string[]): Deed {
  const filled = (processes: NonNullable<Step['kill']>) => ({
    zone: fill(processes.zone, places) as string,
    services: processes.services,
  });
  if (kill !== undefined) return { kind: 'kill', ...filled(kill) };
  if (pause !== undefined) return { kind: 'pause', ...filled(pause) };
  if (fault !== undefined) {
    return { kind: 'fault', rule: fill(fault, places) as Readonly<Record<string, unknown>> };
  }
  return { kind: 'load', times: load?.times ?? 1 };
}

/** `value` with zones in place of placeholders, however deep they stand. */
function fill(value: unknown, places: readonly string[]): unknown {
  if (typeof value === 'string') {
    const at = zonePlaceholders.findIndex((placeholder) => placeholder === value);
    return at < 0 ? value : (places[at] ?? places.at(-1) ?? value);
  }
  if (Array.isArray(value)) return value.map((item) => fill(item, places));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [name, fill(member, places)]),
  );
}
