import { describe, expect, it } from 'vitest';
import { Cancellation, Deadline, ManualClock } from '@zonehold/primitives';
import { RegisterQueue } from './register-queue.ts';

const neverLate = { schedule: () => () => undefined };
const clock = new ManualClock();
const queueOf = (): RegisterQueue => new RegisterQueue({ queueMax: 2, changesMax: 10 }, neverLate);

describe('changes of one register', () => {
  it('are left by whoever waits for nobody, and the next one gets the turn', async () => {
    const queue = queueOf();
    const first = Promise.withResolvers<string>();
    const done: string[] = [];
    const cancellation = new Cancellation();
    const running = queue.run('a', Deadline.after(clock, 1_000), () => first.promise);
    const left = queue.run('a', Deadline.after(clock, 1_000, cancellation), async () =>
      done.push('left'),
    );
    const last = queue.run('a', Deadline.after(clock, 1_000), async () => done.push('last'));
    cancellation.cancel();
    await expect(left).rejects.toMatchObject({ code: 'CANCELLED', outcome: 'not-applied' });
    // Its place is free at once: a queue full of nobody would turn everybody else away.
    const another = queue.run('a', Deadline.after(clock, 1_000), async () => done.push('another'));
    first.resolve('first');
    await Promise.all([running, last, another]);
    expect(done).toEqual(['last', 'another']);
  });

  it('do not begin for nobody', async () => {
    const cancellation = new Cancellation();
    cancellation.cancel();
    const deadline = Deadline.after(clock, 1_000, cancellation);
    await expect(queueOf().run('a', deadline, async () => 'done')).rejects.toMatchObject({
      code: 'CANCELLED',
    });
  });
});
