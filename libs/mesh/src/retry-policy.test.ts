// What follows a failed attempt: the rules together. Each rule alone has its own test.
import { describe, expect, it } from 'vitest';
import { KmsError, ManualClock } from '@zonehold/primitives';
import { Retries, retryPolicyDefaults, type FailedAnswer } from './retry-policy.ts';

const policy = { ...retryPolicyDefaults, retryTokens: { max: 10, perSuccess: 0.1 } };
const shed = failure('OVERLOADED', 'not-applied');

function failure(
  code: 'OVERLOADED' | 'LINK_LOST',
  outcome: 'not-applied' | 'unknown',
): FailedAnswer {
  const error = new KmsError(code, 'no', { outcome });
  return { kind: 'failure', error, from: 'peer', wasSent: true };
}

function retries(): Retries<string> {
  const made = new Retries<string>(policy, new ManualClock());
  for (let call = 0; call < 1_000; call += 1) made.called();
  return made;
}

describe('the retries of a client', () => {
  it('end after three attempts, and when no time is left', () => {
    expect(retries().verdict('s', shed, 1, 'always', 1_000)).toBe('retry');
    expect(retries().verdict('s', shed, 3, 'always', 1_000)).toBe('final');
    expect(retries().verdict('s', shed, 1, 'always', 14)).toBe('final');
  });

  it('stop when they do not help: five failed ones and no success between', () => {
    const made = retries();
    for (let time = 0; time < 4; time += 1) made.learned('s', 'failure', 2, true);
    expect(made.verdict('s', shed, 1, 'always', 1_000)).toBe('retry');
    made.learned('s', 'ignored', 2, true);
    expect(made.verdict('s', shed, 1, 'always', 1_000)).toBe('unaffordable');
    expect(made.verdict('another', shed, 1, 'always', 1_000)).toBe('retry');
  });

  it('begin again with successes, of any attempt', () => {
    const made = retries();
    for (let time = 0; time < 100; time += 1) made.learned('s', 'failure', 2, true);
    for (let time = 0; time < 50; time += 1) made.learned('s', 'success', 1, true);
    expect(made.verdict('s', shed, 1, 'always', 1_000)).toBe('unaffordable');
    for (let time = 0; time < 2; time += 1) made.learned('s', 'success', 1, true);
    expect(made.verdict('s', shed, 1, 'always', 1_000)).toBe('retry');
  });

  it('go on while first attempts fail and the second ones do not: one zone is bad', () => {
    const made = retries();
    for (let call = 0; call < 100; call += 1) {
      made.learned('s', 'failure', 1, true);
      expect(made.verdict('s', shed, 1, 'always', 1_000)).toBe('retry');
      made.learned('s', 'success', 2, true);
    }
  });

  it('cost nothing when nothing was sent', () => {
    const made = retries();
    const unsent: FailedAnswer = { ...failure('LINK_LOST', 'not-applied'), wasSent: false };
    for (let time = 0; time < 1_000; time += 1) {
      made.learned('s', 'ignored', 2, false);
      expect(made.verdict('s', unsent, 1, 'none', 1_000)).toBe('final');
      expect(made.verdict('s', unsent, 1, 'unsent', 1_000)).toBe('retry');
    }
    expect(made.verdict('s', shed, 1, 'always', 1_000)).toBe('retry');
  });

  it('are hurried while another zone could use the time, and the last takes all there is', () => {
    const made = retries();
    expect(made.attemptTimeoutMs(2_000, 1, 3, { retry: 'always' })).toBe(700);
    expect(made.attemptTimeoutMs(300, 1, 3, { retry: 'always' })).toBe(300);
    expect(made.attemptTimeoutMs(2_000, 3, 3, { retry: 'always' })).toBe(2_000);
    expect(made.attemptTimeoutMs(2_000, 1, 1, { retry: 'always' })).toBe(2_000);
    expect(made.attemptTimeoutMs(2_000, 1, 3, { retry: 'unsent' })).toBe(2_000);
    const long = { retry: 'always', attemptTimeoutMs: 4_000 } as const;
    expect(made.attemptTimeoutMs(10_000, 1, 3, long)).toBe(4_000);
    expect(made.attemptTimeoutMs(3_000, 2, 3, long)).toBe(3_000);
  });
});
