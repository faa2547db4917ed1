// How much goes where: a table of regions, and what holds for all of them.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sharePolicyDefaults as policy, zoneShares, type ZoneHealth } from './zone-shares.ts';

function zone(fit: number, endpoints = 10, isOwn = false, up = endpoints): ZoneHealth {
  return { isOwn, endpoints, up, fit, available: fit, isDrained: false };
}

const drained = (health: ZoneHealth): ZoneHealth => ({ ...health, isDrained: true });
const own = (fit: number, up = 10): ZoneHealth => zone(fit, 10, true, up);

function sharesOf(zones: readonly ZoneHealth[], spill = 0): number[] {
  return zoneShares(zones, spill, policy).shares.map((share) => Math.round(share * 100));
}

describe('the shares of zones', () => {
  it.each([
    ['all are well', [own(10), zone(10), zone(10)], [100, 0, 0]],
    ['the own one has lost a quarter', [own(8), zone(10), zone(10)], [100, 0, 0]],
    ['the own one has lost half', [own(5), zone(10), zone(10)], [70, 15, 15]],
    [
      'the own one has lost three quarters',
      [zone(2.5, 10, true), zone(10), zone(10)],
      [35, 33, 33],
    ],
    ['the own one is ejected', [own(0), zone(10), zone(10)], [0, 50, 50]],
    ['another one is weak', [own(0), zone(10), zone(5)], [0, 59, 41]],
    ['the own one has no link', [own(0, 0), zone(10), zone(10)], [0, 50, 50]],
    ['two have no link', [own(0, 0), zone(0, 10, false, 0), zone(10)], [0, 0, 100]],
    ['there is none in the own zone', [zone(10), zone(10)], [50, 50]],
  ])('when %s', (_name, zones, expected) => {
    expect(zoneShares(zones, 0, policy).isPanic).toBe(false);
    expect(sharesOf(zones)).toEqual(expected);
  });

  it('spread over all that have a link when fewer than half of those are fit', () => {
    const zones = [own(4), zone(0), zone(10)];
    expect(zoneShares(zones, 0, policy)).toMatchObject({ isPanic: true });
    expect(sharesOf(zones)).toEqual([33, 33, 33]);
    expect(sharesOf([own(0), zone(0), zone(0, 10, false, 0)])).toEqual([50, 50, 0]);
  });

  it('are not for panic at just half', () => {
    expect(zoneShares([own(0), zone(10)], 0, policy).isPanic).toBe(false);
  });

  it('leave the own zone by as much as it is slow, if there is another', () => {
    expect(sharesOf([own(10), zone(10), zone(10)], 0.4)).toEqual([60, 20, 20]);
    expect(sharesOf([own(10)], 0.4)).toEqual([100]);
  });

  it('are nothing when nobody has a link', () => {
    expect(sharesOf([own(0, 0), zone(0, 10, false, 0)])).toEqual([0, 0]);
  });

  it.each([
    ['the own one', [drained(own(10)), zone(10), zone(10)], [0, 50, 50]],
    ['another one, and the own one is well', [own(10), drained(zone(10)), zone(10)], [100, 0, 0]],
    ['another one, and the own one is weak', [own(5), drained(zone(10)), zone(10)], [70, 0, 30]],
    ['one of five', [drained(own(10)), zone(10), zone(10), zone(0), zone(10)], [0, 33, 33, 0, 33]],
    [
      'three of five',
      [own(0), drained(own(9)), drained(zone(9)), zone(9), zone(9)],
      [0, 0, 0, 50, 50],
    ],
  ])('keep calls from a zone that is drained: %s', (_name, zones, expected) => {
    expect(zoneShares(zones, 0, policy)).toMatchObject({ isPanic: false, isDrainHeeded: true });
    expect(sharesOf(zones)).toEqual(expected);
  });

  it.each([
    ['only one zone is left with anybody', [drained(own(10)), zone(10), zone(0)], [100, 0, 0]],
    [
      'only one zone is left with a link',
      [drained(own(10)), zone(10), zone(0, 10, false, 0)],
      [100, 0, 0],
    ],
    ['there are two zones', [drained(own(10)), zone(10)], [100, 0]],
    ['those that are left would panic', [drained(own(10)), zone(5), zone(4)], [100, 0, 0]],
    ['all are drained', [drained(own(10)), drained(zone(10)), drained(zone(10))], [100, 0, 0]],
  ])('are as without drains when %s', (_name, zones, expected) => {
    expect(zoneShares(zones, 0, policy)).toMatchObject({ isPanic: false, isDrainHeeded: false });
    expect(sharesOf(zones)).toEqual(expected);
  });

  it('always add up to one while anybody has a link', () => {
    const health = fc
      .record({
        ...{ endpoints: fc.integer({ min: 1, max: 20 }), up: fc.nat(20), fit: fc.nat(20) },
        isDrained: fc.boolean(),
      })
      .map(({ endpoints, up, fit, isDrained }) => {
        const [isUp, isFit] = [Math.min(up, endpoints), Math.min(fit, up, endpoints)];
        return { isOwn: false, endpoints, up: isUp, fit: isFit, available: isFit, isDrained };
      });
    fc.assert(
      fc.property(
        fc.array(health, { minLength: 1, maxLength: 5 }),
        fc.boolean(),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (zones, hasOwn, spill) => {
          const all = zones.map((each, at) => ({ ...each, isOwn: hasOwn && at === 0 }));
          const { shares } = zoneShares(all, spill, policy);
          const total = shares.reduce((sum, share) => sum + share, 0);
          expect(total).toBeCloseTo(all.some(({ up }) => up > 0) ? 1 : 0, 9);
          for (const [at, share] of shares.entries()) if (all[at]?.up === 0) expect(share).toBe(0);
        },
      ),
    );
  });
});
