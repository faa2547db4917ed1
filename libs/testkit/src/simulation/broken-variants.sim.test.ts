// Known mistakes, all caught: or the thousand seeds prove nothing.
import { describe, expect, it } from 'vitest';
import { brokenVariants, lyingZone } from './broken-variants.ts';
import { firstCaught, runSeeds } from './campaign.ts';
import { operationCount } from './simulated-regions.ts';

const seedsMax = 300;

describe('the checkers catch', () => {
  it.each(Object.entries(brokenVariants))('%s', async (_name, variant) => {
    const caughtAt = await firstCaught(variant, seedsMax, operationCount);
    expect(caughtAt, `not caught within ${seedsMax} seeds`).toBeDefined();
  });
});

describe('a zone that lies', () => {
  it('harms nothing while MACs are checked, and is alarmed of', async () => {
    const { violations } = await runSeeds({
      ...{ from: 1, count: 10, operationCount },
      variant: lyingZone,
    });
    expect(violations.filter(({ kind }) => kind === 'history')).toEqual([]);
    expect(violations.filter(({ kind }) => kind === 'alarm').length).toBeGreaterThan(10);
  });
});
