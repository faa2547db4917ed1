// Observations of made-up runs, for tests of what is made of them.
import type { Decision, Observations, Sample } from './observations.ts';
import { planOf, type Plan } from './plan.ts';
import { parseScenario } from './scenario.ts';

export const zones = ['south-1', 'south-2', 'south-3'];

const killed = 'kill: { zone: $zone, services: [key-manager] }';
const promised = 'detectionMaxS: 1';

const scenarioText = (step: string, timing: string): string => `
name: test-drill
title: A drill of a test
hypothesis: Nothing happens to anybody.
requestsPerSecond: 10
quietS: 5
recoveryS: 5
steps:
  - { atS: 0, forS: 5, ${step} }
promises:
  correctness: { failedMax: 0 }
  timing: { ${timing} }
`;

/** Five seconds of quiet, five of trouble, five of recovery. */
export function testPlan(step = killed, timing = promised): Plan {
  return planOf(parseScenario(scenarioText(step, timing), 'test'), { zones, scale: 1 });
}

/** Ten requests in each second, answered after 10 ms, but for what `change` makes of them. */
export function steadySamples(
  seconds: number,
  change: (sample: Sample) => Partial<Sample> = () => ({}),
): Sample[] {
  return Array.from({ length: seconds * 10 }, (_, at) => {
    const sample: Sample = { operation: 'wrap', beganMs: at * 100, latencyMs: 10 };
    return { ...sample, ...change(sample) };
  });
}

export function decision(atMs: number, more: Partial<Decision> = {}): Decision {
  return {
    ...{ atMs, kind: 'endpoint.ejected', service: 'gateway', zone: 'south-2' },
    ...{ peerService: 'key-manager', peerZone: 'south-2', reason: 'consecutive', lastsMs: 5_000 },
    ...more,
  };
}

/** A look each second, in which every zone has got one attempt more, and nothing else happens. */
export function observations(more: Partial<Observations> = {}): Observations {
  return {
    samples: steadySamples(15),
    notSent: 0,
    looks: Array.from({ length: 16 }, (_, second) => ({
      atMs: second * 1_000,
      openCircuits: 0,
      counters: {
        ...{ retries: 0, ejections: 0, panics: 0 },
        attemptsByZone: Object.fromEntries(zones.map((zone) => [zone, second])),
      },
      verdicts: {},
    })),
    decisions: [],
    verdictChanges: [],
    steps: [{ what: 'kill', isHarm: true, startedMs: 5_000, endedMs: 10_000 }],
    acknowledged: { keys: 20, lost: 0 },
    ...more,
  };
}
