import { describe, expect, it } from 'vitest';
import { Cancellation } from './cancellation.ts';
import { ManualClock } from './clock.ts';
import { Deadline } from './deadline.ts';

describe('a cancellation', () => {
  it('tells whoever listens, once', () => {
    const cancellation = new Cancellation();
    const told: string[] = [];
    cancellation.onCancel(() => told.push('first'));
    cancellation.onCancel(() => told.push('second'));
    cancellation.cancel();
    cancellation.cancel();
    expect(told).toEqual(['first', 'second']);
    expect(cancellation.isCancelled).toBe(true);
  });

  it('does not tell who left, and tells at once who comes late', () => {
    const cancellation = new Cancellation();
    const told: string[] = [];
    cancellation.onCancel(() => told.push('left'))();
    cancellation.cancel();
    cancellation.onCancel(() => told.push('late'));
    expect(told).toEqual(['late']);
  });

  it('comes too late for work that is bound', () => {
    const cancellation = new Cancellation();
    let isTold = false;
    cancellation.onCancel(() => (isTold = true));
    cancellation.bind();
    cancellation.cancel();
    expect({ isTold, isCancelled: cancellation.isCancelled }).toEqual({
      isTold: false,
      isCancelled: false,
    });
  });

  it('cannot be taken back by binding', () => {
    const cancellation = new Cancellation();
    cancellation.cancel();
    cancellation.bind();
    expect(cancellation.isCancelled).toBe(true);
  });
});

describe('a deadline', () => {
  it('shares its cancellation with those made from it', () => {
    const cancellation = new Cancellation();
    const deadline = Deadline.after(new ManualClock(), 1_000, cancellation);
    const sooner = deadline.atMost(10);
    cancellation.cancel();
    expect([deadline.isCancelled, sooner.isCancelled]).toEqual([true, true]);
    expect(() => sooner.refuseCancelled()).toThrow(
      expect.objectContaining({ code: 'CANCELLED', outcome: 'not-applied' }),
    );
  });

  it('keeps its time when it is cancelled: what goes on has all of it', () => {
    const cancellation = new Cancellation();
    const deadline = Deadline.after(new ManualClock(), 1_000, cancellation);
    cancellation.cancel();
    expect(deadline.remainingMs()).toBe(1_000);
  });

  it('without a cancellation is never cancelled', () => {
    const deadline = Deadline.after(new ManualClock(), 1_000);
    deadline.bind();
    deadline.onCancel(() => expect.unreachable())();
    expect(deadline.isCancelled).toBe(false);
  });
});
