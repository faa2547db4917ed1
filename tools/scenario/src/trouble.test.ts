// What was done is taken back, also when the launcher did not answer, or refused a first time.
import { ManualClock, SeededRandom } from '@zonehold/primitives';
import { describe, expect, it } from 'vitest';
import { NotTakenBack } from './could-not-run.ts';
import { testPlan } from './testing.ts';
import { Trouble } from './trouble.ts';

/** Trouble whose launcher fails at those of its requests, counted from 0. */
function failingAt(fails: (at: number, action: string) => boolean) {
  const asked: string[] = [];
  const region = {
    ask: ({ action }: { action: string }) => {
      const isFailing = fails(asked.length, action);
      asked.push(action);
      return isFailing ? Promise.reject(new Error('the connection ended')) : Promise.resolve();
    },
  };
  const plan = testPlan();
  const trouble = new Trouble({
    ...{ region: region as never, plan, load: {} as never, faultsDir: undefined },
    ...{ clock: new ManualClock(), random: new SeededRandom(1), originMs: 0, betweenTriesMs: 1 },
  });
  const [step] = plan.steps;
  if (step === undefined) throw new Error('the plan has a step');
  return { asked, trouble, make: () => trouble.make(step) };
}

describe('trouble', () => {
  it('is taken back once, whoever asks for it', async () => {
    const { asked, trouble, make } = failingAt(() => false);
    const takeBack = await make();
    await Promise.all([takeBack(), trouble.takeBackAll()]);
    await trouble.takeBackAll();
    expect(asked).toEqual(['kill', 'start']);
    expect(trouble.done).toHaveLength(1);
  });

  it('whose answer was lost is taken back: it may have been done', async () => {
    const { asked, trouble, make } = failingAt((at) => at === 0);
    await expect(make()).rejects.toThrow('the connection ended');
    await trouble.takeBackAll();
    expect(asked).toEqual(['kill', 'start']);
  });

  it('is taken back in a second try', async () => {
    const { asked, make } = failingAt((at) => at === 1);
    await (
      await make()
    )();
    expect(asked).toEqual(['kill', 'start', 'start']);
  });

  it('that could not be taken back is tried again at the end', async () => {
    let isDown = true;
    const { trouble, make } = failingAt((_at, action) => isDown && action === 'start');
    const takeBack = await make();
    await expect(takeBack()).rejects.toThrow('the connection ended');
    isDown = false;
    await trouble.takeBackAll();
    expect(trouble.done).toHaveLength(1);
  });

  it('that stays is told, with what it is and why', async () => {
    const { trouble, make } = failingAt((at) => at > 0);
    await make();
    const failure = trouble.takeBackAll();
    await expect(failure).rejects.toThrow(NotTakenBack);
    await expect(failure).rejects.toThrow(
      /kill key-manager of south-2 \(the connection ended\).*zone start south-2/,
    );
  });
});
