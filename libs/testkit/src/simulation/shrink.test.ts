// Delta debugging on failures whose smallest form is known.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { shrink, type ShrinkPlan } from './shrink.ts';

const upTo = (count: number): number[] => Array.from({ length: count }, (_, index) => index);

describe('shrink', () => {
  it('finds the items and the bound that matter, in few attempts', async () => {
    const needed = [3, 17, 64];
    const stillFails = ({ items, bound }: ShrinkPlan<number>): boolean =>
      needed.every((item) => items.includes(item)) && bound >= 41;
    const shrunk = await shrink({ items: upTo(100), bound: 300 }, stillFails, 1_000);
    expect(shrunk.plan).toEqual({ items: needed, bound: 41 });
    expect(shrunk.isMinimal).toBe(true);
    expect(shrunk.attempts).toBeLessThan(120);
  });

  it('leaves nothing of a failure that needs nothing', async () => {
    const shrunk = await shrink({ items: upTo(50), bound: 300 }, () => true, 1_000);
    expect(shrunk.plan).toEqual({ items: [], bound: 0 });
    expect(shrunk.attempts).toBeLessThan(5);
  });

  it('keeps everything when everything is needed', async () => {
    const whole = { items: upTo(8), bound: 9 };
    const shrunk = await shrink(whole, ({ items, bound }) => items.length + bound === 17, 1_000);
    expect(shrunk.plan).toEqual(whole);
    expect(shrunk.isMinimal).toBe(true);
  });

  it('lowers the bound again once an item is gone', async () => {
    // With item 1 present 50 are needed, without it 5.
    const stillFails = ({ items, bound }: ShrinkPlan<number>): boolean =>
      items.includes(0) && bound >= (items.includes(1) ? 50 : 5);
    const shrunk = await shrink({ items: [0, 1], bound: 60 }, stillFails, 1_000);
    expect(shrunk.plan).toEqual({ items: [0], bound: 5 });
  });

  it('stops when its attempts are spent, and says so', async () => {
    let asked = 0;
    const shrunk = await shrink(
      { items: upTo(100), bound: 300 },
      ({ items }) => {
        asked += 1;
        return items.includes(99) && items.includes(0);
      },
      10,
    );
    expect(asked).toBe(10);
    expect(shrunk).toMatchObject({ attempts: 10, isMinimal: false });
    expect(shrunk.plan.items).toEqual(expect.arrayContaining([0, 99]));
  });

  it('waits for a test that takes its time', async () => {
    const shrunk = await shrink(
      { items: upTo(10), bound: 10 },
      ({ items }) => Promise.resolve(items.includes(7)),
      1_000,
    );
    expect(shrunk.plan).toEqual({ items: [7], bound: 0 });
  });

  it('always ends with a failing plan in which no single item is superfluous', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(fc.nat(30), { minLength: 1, maxLength: 20 }),
        fc.array(fc.uniqueArray(fc.nat(30), { minLength: 1, maxLength: 4 }), { maxLength: 4 }),
        fc.nat(20),
        async (items, causes, boundMin) => {
          // Any one of several causes makes it fail: not monotonic, several smallest plans.
          const stillFails = ({ items: kept, bound }: ShrinkPlan<number>): boolean =>
            bound >= boundMin && causes.some((cause) => cause.every((item) => kept.includes(item)));
          const whole = { items, bound: 40 };
          if (!stillFails(whole)) return;
          const { plan, isMinimal } = await shrink(whole, stillFails, 10_000);
          expect(isMinimal).toBe(true);
          expect(stillFails(plan)).toBe(true);
          expect(plan.bound).toBe(boundMin);
          for (const item of plan.items) {
            const less = plan.items.filter((other) => other !== item);
            expect(stillFails({ ...plan, items: less })).toBe(false);
          }
        },
      ),
    );
  });
});
