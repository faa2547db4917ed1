// A monitor behind a broken network, in a region of its own that lets faults be made: it says that it cannot tell, and accuses nobody.
import { startRegion, type RunningRegion } from '@zonehold/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BlackHoles, type Way } from './black-holes.ts';
import { Api } from './contract/api.ts';
import { eventually } from './eventually.ts';
import { Monitors } from './monitors.ts';
import { paced, type Paced } from './paced.ts';
import { TestRegion } from './region.ts';

/** The zone whose monitor is cut off, and the others. */
const cut = 'us-south-3';
const others = ['us-south-1', 'us-south-2'];
const zones = [...others, cut];
/** Longer than the 2 s and 3 s after which a monitor that trusted its eyes would call zones down. */
const cutMs = 6_000;
/** A machine that is busy with other things. */
const settleMs = 60_000;

let running: RunningRegion;
let monitors: Monitors;
let api: Api;
let keyId: string;
let blackHoles: BlackHoles;

beforeAll(async () => {
  running = await startRegion({ launchOptions: ['--faults'] });
  const region = new TestRegion(running);
  monitors = new Monitors(region);
  api = new Api(region, region.apiKey('MANAGER'));
  keyId = (await api.key()).id;
  blackHoles = new BlackHoles(running.regionDir);
  await eventually('all is well', settleMs, () => monitors.allWell());
}, 180_000);

afterAll(async () => {
  api.close();
  await running.stop();
});

interface Seen {
  /** `observer>zone state`, of everything that was shown during the cut. */
  readonly said: ReadonlySet<string>;
  /** Requests at the regional endpoint meanwhile. */
  readonly load: Paced;
}

/** Looks at what the monitors say while the cut lasts, and after it until all is well. */
async function during(ways: readonly Way[]): Promise<Seen> {
  const said = new Set<string>();
  const look = async (): Promise<void> => {
    for (const observer of zones) {
      const page = await monitors.page(observer);
      for (const { zone, state } of page.zones) said.add(`${observer}>${zone} ${state}`);
    }
  };
  blackHoles.open(ways);
  const load = paced(20, cutMs, () => api.say('POST', `/keys/${keyId}/actions/wrap`, { body: {} }));
  try {
    await eventually('the monitor knows that it is cut off', settleMs, async () => {
      await look();
      return (await monitors.page(cut)).isIsolated;
    });
    const isolatedMs = performance.now();
    await eventually('the cut has lasted', settleMs, async () => {
      await look();
      return performance.now() - isolatedMs > cutMs;
    });
    const page = await monitors.page(cut);
    expect(page.zones.map(({ state }) => state)).toEqual(['unknown', 'unknown', 'unknown']);
    expect(new Set(Object.values(page.advice.weights))).toEqual(new Set([1]));
  } finally {
    blackHoles.close();
  }
  await eventually('all is well', settleMs, async () => {
    await look();
    return monitors.allWell();
  });
  return { said, load: await load };
}

const accusations = ({ said }: Seen): string[] =>
  [...said].filter((sentence) => sentence.endsWith(' down')).toSorted();

/** What any monitor has ever said in its events; looks can miss what lasted a moment. */
async function downEvents(observers: readonly string[]): Promise<string[]> {
  const events = await Promise.all(
    observers.map(async (observer) =>
      (await monitors.events(observer))
        .filter(({ kind, to }) => kind === 'zone' && to === 'down')
        .map(({ zone }) => `${observer}>${zone}`),
    ),
  );
  return [...new Set(events.flat())].toSorted();
}

describe('a monitor that is cut off from the others', () => {
  it('on all of its links, both ways: says unknown, and no zone is down for anybody', async () => {
    const monitor = { zone: cut, service: 'health-monitor' } as const;
    const seen = await during([
      { from: monitor, to: {} },
      { from: {}, to: monitor },
    ]);
    console.log(`monitor cut off: ${[...seen.said].toSorted().join(', ')}`);
    expect(accusations(seen)).toEqual([]);
    expect(await downEvents(zones)).toEqual([]);
    expect(Object.keys(seen.load.statuses)).toEqual(['200']);
  });

  it('with its zone, in one direction: calls none of the zones down that it cannot be heard by', async () => {
    const seen = await during(others.map((zone) => ({ from: { zone: cut }, to: { zone } })));
    console.log(`zone cut off one way: ${[...seen.said].toSorted().join(', ')}`);
    // Nobody gets an answer from that zone: the others are right to call it down, and its own monitor to believe them once it hears them.
    for (const accusation of accusations(seen)) expect(accusation).toContain(`>${cut} `);
    for (const accusation of await downEvents(zones)) expect(accusation).toContain(`>${cut}`);
  });
});
