// The few faults that the console offers, as rules of @zonehold/faults. Pure. Whoever wants others has the command line.
import type { FaultSpec } from '@zonehold/faults';
import type { FaultOrder } from './controls.ts';
import type { FaultPresetView } from './state.ts';

type Hit = Pick<FaultSpec, 'from' | 'to' | 'legs' | 'action' | 'percent' | 'end'>;

interface Preset {
  readonly title: string;
  readonly hits: (zone: string, others: readonly string[]) => readonly Hit[];
}

const presets: Readonly<Record<string, Preset>> = {
  'cut-off': {
    title: 'Cut off: nothing passes between it and the other zones',
    hits: (zone, others) =>
      others.flatMap((other) => [
        { from: { zone }, to: { zone: other }, legs: 'both', action: { kind: 'black-hole' } },
        { from: { zone: other }, to: { zone }, legs: 'both', action: { kind: 'black-hole' } },
      ]),
  },
  'slow-redis': {
    title: 'Slow disk: its Redis answers 150 ms late',
    hits: (zone) => [
      {
        ...{ from: { service: 'redis', zone }, to: {} },
        action: { kind: 'delay', delayMs: 150, jitterMs: 50 },
      },
    ],
  },
  'errors-30': {
    title: 'Gray: 30 % of the calls to its key-manager fail, probes stay green',
    hits: (zone) => [
      {
        ...{ from: { service: 'gateway' }, to: { service: 'key-manager', zone }, legs: 'request' },
        ...{ percent: 30, end: 'receiver' },
        action: { kind: 'abort', code: 'UNAVAILABLE' },
      },
    ],
  },
};

export const presetViews: readonly FaultPresetView[] = Object.entries(presets).map(
  ([name, { title }]) => ({ name, title }),
);

/** The rules of an order; undefined when there is no such preset or zone. */
export function specsOf(
  { preset, zone, reason, lengthMs }: FaultOrder,
  zones: readonly string[],
): readonly FaultSpec[] | undefined {
  const found = Object.hasOwn(presets, preset) ? presets[preset] : undefined;
  if (found === undefined || !zones.includes(zone)) return undefined;
  const others = zones.filter((name) => name !== zone);
  return found.hits(zone, others).map((hit) => ({ ...hit, reason, lastsMs: lengthMs }));
}
