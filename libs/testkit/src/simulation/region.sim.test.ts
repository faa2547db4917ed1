// The first half of a thousand regions, each with its own faults, all linearizable; region-2.sim.test.ts has the others.
// One seed again: npx node libs/testkit/src/simulation/replay.ts --seed 17
import { describe, expect, it } from 'vitest';
import { simulate } from './simulate.ts';
import { declareRegions, operationCount } from './simulated-regions.ts';

declareRegions(1, 500);

describe('one seed', () => {
  it('is the same twice', async () => {
    const [first, second] = [await simulate(7, operationCount), await simulate(7, operationCount)];
    expect(first.history.operations).toEqual(second.history.operations);
    expect(first.counts).toEqual(second.counts);
    expect(first.strikes).toEqual(second.strikes);
  });
});
