// Tokens for sessions, with time and randomness as arguments.
import { ManualClock, SeededRandom } from '@zonehold/primitives';
import { describe, expect, it } from 'vitest';
import { sessionPolicy, Sessions } from './sessions.ts';

const token = 'the-token-of-the-region';

function made(): { clock: ManualClock; sessions: Sessions; signIn: (operator?: string) => string } {
  const clock = new ManualClock();
  const sessions = new Sessions(token, { clock, random: new SeededRandom(1) });
  const signIn = (operator = 'ana'): string => {
    const signedIn = sessions.signIn(token, operator);
    if (!signedIn.ok) throw new Error(signedIn.reason);
    return signedIn.id;
  };
  return { clock, sessions, signIn };
}

describe('signing in', () => {
  it('gives a session of its own for the token, with the name that was said', () => {
    const { sessions, signIn } = made();
    const [first, second] = [signIn('ana'), signIn('ben')];
    expect(first).not.toBe(second);
    expect(first.length).toBeGreaterThanOrEqual(43);
    expect(sessions.find(first)?.operator).toBe('ana');
    expect(sessions.find(second)?.operator).toBe('ben');
    expect(sessions.find(first)?.name).not.toContain(first);
  });

  it.each(['', 'the-token-of-the-regiom', `${token} `, token.slice(1)])('refuses %j', (wrong) => {
    const { sessions } = made();
    expect(sessions.signIn(wrong, 'ana')).toEqual({ ok: false, reason: 'refused' });
  });

  it('limits wrong tries, and lets the right token in all the same', () => {
    const { clock, sessions } = made();
    for (let at = 0; at < sessionPolicy.failuresMax; at += 1) sessions.signIn('wrong', 'ana');
    expect(sessions.signIn('wrong', 'ana')).toEqual({
      ...{ ok: false, reason: 'limited', retryAfterS: 12 },
    });
    expect(sessions.signIn(token, 'ana').ok).toBe(true);
    clock.advance(sessionPolicy.failureEveryMs);
    // One try was forgiven, and none was used up by the right token.
    expect(sessions.signIn('wrong', 'ana')).toMatchObject({ reason: 'refused' });
    expect(sessions.signIn('wrong', 'ana')).toMatchObject({ reason: 'limited' });
  });

  it('is for nobody when the token was emptied or cut', () => {
    for (const short of ['', 'short', 'a'.repeat(sessionPolicy.tokenMinChars - 1)])
      expect(
        () => new Sessions(short, { clock: new ManualClock(), random: new SeededRandom(1) }),
      ).toThrow('fewer than 22 characters');
  });

  it('counts no failure twice as forgiven', () => {
    const { clock, sessions } = made();
    clock.advance(10 * sessionPolicy.failureEveryMs);
    const results = Array.from({ length: 7 }, () => sessions.signIn('wrong', 'ana'));
    expect(results.filter((result) => !result.ok && result.reason === 'refused')).toHaveLength(5);
  });
});

describe('a session', () => {
  it('ends after eight hours', () => {
    const { clock, sessions, signIn } = made();
    const id = signIn();
    clock.advance(sessionPolicy.lifeMs - 1);
    expect(sessions.find(id)).toBeDefined();
    clock.advance(1);
    expect(sessions.find(id)).toBeUndefined();
  });

  it('ends when its operator signs out, and no other does', () => {
    const { sessions, signIn } = made();
    const [first, second] = [signIn(), signIn()];
    sessions.signOut(first);
    expect(sessions.find(first)).toBeUndefined();
    expect(sessions.find(second)).toBeDefined();
  });

  it('makes room for the seventeenth when it is the oldest', () => {
    const { sessions, signIn } = made();
    const ids = Array.from({ length: sessionPolicy.sessionsMax + 1 }, () => signIn());
    expect(sessions.find(ids[0])).toBeUndefined();
    expect(ids.slice(1).every((id) => sessions.find(id) !== undefined)).toBe(true);
  });

  it.each([undefined, '', 'x'])('is not found by %j', (id) => {
    const { sessions, signIn } = made();
    signIn();
    expect(sessions.find(id)).toBeUndefined();
  });
});
