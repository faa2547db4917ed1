import { describe, expect, it } from 'vitest';
import { rankOf } from './rank.ts';

const zones = ['us-south-1', 'us-south-2', 'us-south-3'];
const instances = Array.from({ length: 600 }, (_, at) => `instance-${at}`);

/** How many instances have `zone` at `rank`. */
const countAt = (rank: number, zone: string): number =>
  instances.filter((instance) => rankOf(zone, zones, instance) === rank).length;

describe('the ranks of zones', () => {
  it('are an order of them for each instance, the same wherever it is asked', () => {
    for (const instance of instances) {
      const ranks = zones.map((zone) => rankOf(zone, zones.toReversed(), instance));
      expect(ranks.toSorted()).toEqual([0, 1, 2]);
    }
  });

  it('give each zone about as many instances as any other, at each rank', () => {
    for (const rank of [0, 1, 2]) {
      for (const zone of zones) {
        expect(countAt(rank, zone)).toBeGreaterThan(150);
        expect(countAt(rank, zone)).toBeLessThan(250);
      }
    }
  });

  it('keep their order when one of them goes', () => {
    const others = zones.slice(1);
    for (const instance of instances) {
      const isBefore = (among: readonly string[]): boolean =>
        rankOf('us-south-2', among, instance) < rankOf('us-south-3', among, instance);
      expect(isBefore(others)).toBe(isBefore(zones));
    }
  });
});
