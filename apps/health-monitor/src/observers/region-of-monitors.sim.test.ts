// Monitors together, in virtual time: what they say of dead, cut off, flapping and sick zones, and how soon. Ends with seeded
// disorder, in which no monitor may ever take a healthy zone for dead.
import { SeededRandom } from '@zonehold/primitives';
import { describe, expect, it } from 'vitest';
import { SimulatedRegion } from './simulated-region.ts';

const seeds = Array.from({ length: 20 }, (_, at) => at + 1);
const [first, second, third] = ['south-1', 'south-2', 'south-3'] as const;

/** Three zones that have been well for a while. */
async function quietRegion(seed = 1, zones = 3): Promise<SimulatedRegion> {
  const region = new SimulatedRegion(zones, seed);
  await region.run(3_000);
  for (const observer of region.zones) {
    expect(new Set(region.verdicts(observer))).toEqual(new Set(['healthy']));
  }
  return region;
}

describe('monitors that can see each other', () => {
  it('say that a killed zone is down within three seconds, whatever their phases', async () => {
    for (const seed of seeds) {
      const region = await quietRegion(seed);
      await region.run(50 * seed);
      region.kill(third);
      const tookMs = await region.until(
        () => [first, second].every((observer) => region.verdict(observer, third) === 'down'),
        'down',
      );
      expect(tookMs, `seed ${seed}`).toBeLessThanOrEqual(3_000);
      expect(region.verdict(first, second)).toBe('healthy');
    }
  });

  it('say that a hung or cut off zone is down within three seconds', async () => {
    for (const seed of seeds) {
      const region = await quietRegion(seed);
      await region.run(50 * seed);
      region.isolate(third);
      const tookMs = await region.until(
        () => [first, second].every((observer) => region.verdict(observer, third) === 'down'),
        'down',
      );
      expect(tookMs, `seed ${seed}`).toBeLessThanOrEqual(3_000);
    }
  });

  it('say that a zone with one sick service is down within five seconds, with its own monitor', async () => {
    for (const seed of seeds) {
      const region = await quietRegion(seed);
      await region.run(50 * seed);
      region.setSick(third, seed % 2 === 0 ? 'crypto-worker' : 'canary', 'silent');
      const tookMs = await region.until(
        () => region.zones.every((observer) => region.verdict(observer, third) === 'down'),
        'down',
      );
      expect(tookMs, `seed ${seed}`).toBeLessThanOrEqual(5_000);
    }
  });

  it('say that it is healthy after five clean seconds, not sooner', async () => {
    const region = await quietRegion();
    region.kill(third);
    await region.run(10_000);
    region.kill(third, false);
    const tookMs = await region.until(() => region.verdict(first, third) === 'healthy', 'healthy');
    expect(tookMs).toBeGreaterThanOrEqual(5_000);
    expect(tookMs).toBeLessThanOrEqual(8_000);
    expect(region.observers(first).advice().weights[third]).toBeLessThan(0.2);
    await region.run(31_000);
    expect(region.observers(first).advice().weights[third]).toBe(1);
  });

  it('see a gray zone by its traffic although every probe is green', async () => {
    const region = await quietRegion();
    region.traffic.set(`${third}>${third}`, { calls: 400, failed: 120, failedForMs: 500 });
    await region.until(
      () => region.zones.every((observer) => region.verdict(observer, third) === 'down'),
      'down',
    );
    region.traffic.delete(`${third}>${third}`);
    const tookMs = await region.until(() => region.verdict(first, third) === 'healthy', 'healthy');
    expect(tookMs).toBeGreaterThanOrEqual(5_000);
  });

  it('call all zones down when all are sick, and advise against none', async () => {
    const region = await quietRegion();
    for (const zone of region.zones) region.setSick(zone, 'key-manager', 'unwell');
    await region.run(6_000);
    for (const observer of region.zones) {
      expect(region.verdicts(observer)).toEqual(['down', 'down', 'down']);
      expect(region.observers(observer).advice()).toMatchObject({
        isPanic: true,
        weights: { [first]: 1, [second]: 1, [third]: 1 },
      });
    }
  });

  it('hold a flapping zone down longer each time', async () => {
    const region = await quietRegion();
    let changes = 0;
    let before = region.verdict(first, third);
    for (let times = 0; times < 12; times += 1) {
      region.setSick(third, 'gateway', times % 2 === 0 ? 'refused' : 'ok');
      await region.run(8_000, () => {
        const now = region.verdict(first, third);
        if (now === 'healthy' && before !== 'healthy') changes += 1;
        before = now;
      });
    }
    // Six times down and up; without a hold-down each would count.
    expect(changes).toBeLessThanOrEqual(2);
  });
});

describe('a monitor that is cut off', () => {
  it('says that it is isolated, and nothing of any zone, until it is back in touch', async () => {
    for (const seed of seeds) {
      const region = await quietRegion(seed);
      region.isolate(third);
      const seen = new Set<string>();
      await region.run(60_000, () => region.verdicts(third).forEach((state) => seen.add(state)));
      expect([...seen].toSorted(), `seed ${seed}`).toEqual(['healthy', 'unknown']);
      expect(region.observers(third).word().isIsolated).toBe(true);
      region.isolate(third, false);
      // Its own eyes saw the others dead for a minute: its word must not outlive that.
      await region.run(10_000, () =>
        region.verdicts(first).forEach((state, at) => {
          if (at < 2) expect(state).toBe('healthy');
        }),
      );
      expect(region.verdicts(third)).toEqual(['healthy', 'healthy', 'healthy']);
    }
  });

  it('knows it also when only one direction is cut', async () => {
    for (const direction of [`${third}>`, `>${third}`]) {
      const region = await quietRegion();
      for (const other of [first, second]) {
        region.cut.add(direction === `${third}>` ? `${third}>${other}` : `${other}>${third}`);
      }
      await region.run(30_000, () => expect(region.verdict(third, first)).not.toBe('down'));
      expect(region.verdicts(third)).toEqual(['unknown', 'unknown', 'unknown']);
      expect(region.verdict(first, third)).toBe('down');
    }
  });

  it('does not blame anybody when one link of three is cut', async () => {
    const region = await quietRegion();
    region.cut.add(`${first}>${third}`);
    await region.run(30_000, () => {
      for (const observer of region.zones)
        expect(region.verdicts(observer)).toEqual(['healthy', 'healthy', 'healthy']);
    });
    expect(region.observers(first).word().zones[third]).toBe('down');
  });

  it('is joined by the last one standing: who is alone cannot tell', async () => {
    const region = await quietRegion();
    region.stopped.add(first);
    region.stopped.add(second);
    await region.run(30_000);
    expect(region.verdicts(third)).toEqual(['unknown', 'unknown', 'unknown']);
  });

  it('is a minority of five as well as one of three', async () => {
    const region = await quietRegion(1, 5);
    const pair = [first, second];
    for (const inside of pair) {
      for (const outside of region.zones.slice(2)) {
        region.cut.add(`${inside}>${outside}`);
        region.cut.add(`${outside}>${inside}`);
      }
    }
    await region.run(20_000);
    expect(region.verdicts(first)).toEqual(Array.from({ length: 5 }, () => 'unknown'));
    expect(region.verdicts(third)).toEqual(['down', 'down', 'healthy', 'healthy', 'healthy']);
  });

  it('does not trust what it heard before it was stopped', async () => {
    const region = await quietRegion();
    region.stopped.add(third);
    await region.run(30_000);
    region.isolate(third);
    region.stopped.delete(third);
    await region.run(30_000, () => expect(region.verdict(third, first)).toBe('unknown'));
  });
});

describe('in any disorder', () => {
  /** Longer than any verdict of death that was true can last after the zone is well again. */
  const memoryMs = 12_000;

  /** Cuts links, kills and stops at random; zone 1 is healthy throughout, and a majority can reach it. */
  async function disorder(seed: number, zoneCount: number): Promise<void> {
    const region = new SimulatedRegion(zoneCount, seed);
    const random = new SeededRandom(seed);
    await region.run(3_000);
    const others = region.zones.slice(1);
    const pick = (): string => others[random.below(others.length)] ?? second;
    const lonely = others.slice(0, Math.floor((zoneCount - 1) / 2));
    for (let turn = 0; turn < 25; turn += 1) {
      const [from, to] = [pick(), pick()];
      if (from !== to) {
        if (random.unit() < 0.5) region.cut.add(`${from}>${to}`);
        else region.cut.delete(`${from}>${to}`);
      }
      // A minority may lose zone 1, in any direction.
      for (const zone of lonely) {
        const edge = random.unit() < 0.5 ? `${zone}>${first}` : `${first}>${zone}`;
        if (random.unit() < 0.5) region.cut.add(edge);
        else region.cut.delete(edge);
      }
      const victim = pick();
      if (victim !== from) region.kill(victim, random.unit() < 0.5);
      await region.run(200 + random.below(4_000), () => {
        for (const observer of region.zones) {
          if (region.verdict(observer, first) === 'down')
            throw new Error(`seed ${seed}: ${observer} takes the healthy ${first} for dead`);
        }
      });
    }
    region.cut.clear();
    for (const zone of region.zones) region.kill(zone, false);
    await region.run(memoryMs);
    await region.until(
      () => region.zones.every((observer) => !region.verdicts(observer).includes('unknown')),
      'touch',
    );
  }

  it('no monitor takes a zone for dead that a majority of them can reach', async () => {
    for (let seed = 1; seed <= 24; seed += 1) await disorder(seed, seed % 3 === 0 ? 5 : 3);
  });
});
