// However many ask for the acceptors, the record of the rebuild is read once a second.
import { ManualClock } from '@zonehold/primitives';
import { describe, expect, it } from 'vitest';
import { AcceptorsPage } from './acceptors-page.ts';

describe('the page of acceptors', () => {
  it('says that nothing is known before the keys are', async () => {
    const page = new AcceptorsPage(new ManualClock(), () => undefined);
    expect(await page.view()).toEqual({ problem: "The region's keys are not known yet." });
  });

  it('reads the record of the rebuild once a second for all who ask', async () => {
    const clock = new ManualClock();
    let reads = 0;
    const zones = [{ zone: 'south-1', standing: 'voter', reason: '' }] as const;
    const ports = {
      machineClock: clock,
      store: { zones: () => zones },
      rebuilds: {
        epoch: () => 3,
        record: async () => {
          reads += 1;
          return undefined;
        },
      },
    };
    const page = new AcceptorsPage(clock, () => ports as never);
    const views = await Promise.all([page.view(), page.view(), page.view()]);
    expect(views[2]).toEqual({ zones, epoch: 3, rebuild: null, lastRebuild: null });
    expect(reads).toBe(1);
    clock.advance(1_000);
    await page.view();
    expect(reads).toBe(2);
  });
});
