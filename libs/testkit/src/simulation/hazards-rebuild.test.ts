// Hazards of rebuilding (reference A4, A1.10), each as a directed schedule; rebuild.test.ts has the ordinary course.
import { describe, expect, it } from 'vitest';
import { isLost, straddle, straddlingVariants } from './straddle.ts';

describe('hazard A4: a quorum that straddles a rebuild', () => {
  it('cannot be made: a round under the epoch before is refused, and begins again', async () => {
    const end = await straddle();
    expect(end.acknowledged).toEqual(['first', 'quick', 'slow']);
    expect(isLost(end), JSON.stringify(end)).toBe(false);
  });

  it.each(Object.entries(straddlingVariants))('loses an append when %s', async (_name, variant) => {
    const end = await straddle(variant);
    expect(isLost(end), JSON.stringify(end)).toBe(true);
  });
});
