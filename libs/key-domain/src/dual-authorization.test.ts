// Two persons for one deletion: who, how long, and what ends an authorization (reference §7.8, §16.3).
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { setForDeletion, standingAuthorization, unsetForDeletion } from './dual-authorization.ts';
import { freshStamp, madeKey, startMs } from './key-fixture.ts';
import { keyState, type Key } from './key.ts';
import { recogniseRepeat } from './repeat.ts';
import { setPolicies } from './set-policies.ts';
import { deletionAuthorizationMs } from './time-rules.ts';
import { deleteKey, disableKey, restoreKey, type NewKey, type Transition } from './transitions.ts';

const day = 24 * 3_600_000;

function done(transition: Transition): Key {
  if (!transition.ok) throw new Error(transition.refusal.code);
  return transition.key;
}
const codeOf = (transition: Transition): string => (transition.ok ? 'ok' : transition.refusal.code);

function guarded(over: Partial<NewKey> = {}): Key {
  const wishes = { dualAuthDelete: { isEnabled: true } };
  const author = { by: 'iam-1', ids: { dualAuthDelete: 'd', rotation: 'r' } };
  return done(setPolicies(madeKey(over), { stamp: freshStamp(), wishes, author }, startMs));
}
const set = (key: Key, authorizedBy = 'ann', nowMs = startMs): Transition =>
  setForDeletion(key, { stamp: freshStamp(), authorizedBy }, nowMs);
const unset = (key: Key, nowMs = startMs): Transition =>
  unsetForDeletion(key, { stamp: freshStamp() }, nowMs);
const remove = (key: Key, deletedBy = 'bob', nowMs = startMs): Transition =>
  deleteKey(key, { stamp: freshStamp(), deletedBy }, nowMs);

describe('a key with dual authorization', () => {
  it('is not deleted by one person, whether nobody or the same person authorized it', () => {
    expect(codeOf(remove(guarded()))).toBe('AUTHORIZATIONS_NOT_MET');
    expect(codeOf(remove(done(set(guarded())), 'ann'))).toBe('AUTHORIZATIONS_NOT_MET');
    const refused = remove(guarded());
    expect(refused.ok ? '' : refused.refusal.detail).toContain('1 prior authorization');
  });

  it('is deleted by another person, whatever its kind', () => {
    for (const kind of [{}, { isExtractable: true }, { isImported: true }]) {
      const key = done(remove(done(set(guarded(kind)))));
      expect([key.state, key.deletedBy]).toEqual([keyState.destroyed, 'bob']);
    }
  });

  it('stays Active when it is set for deletion, and no wait of its life counts from there', () => {
    const before = guarded();
    const key = done(set(before, 'ann', startMs + day));
    expect(key.state).toBe(keyState.active);
    expect([key.updatedAtMs, key.lastActionAtMs]).toEqual([startMs + day, before.lastActionAtMs]);
  });

  it('is set for deletion for seven days, to the millisecond', () => {
    const key = done(set(guarded()));
    const lapsedMs = startMs + deletionAuthorizationMs;
    expect(deletionAuthorizationMs).toBe(7 * day);
    expect(codeOf(remove(key, 'bob', lapsedMs - 1))).toBe('ok');
    expect(codeOf(remove(key, 'bob', lapsedMs))).toBe('AUTHORIZATIONS_NOT_MET');
    expect(standingAuthorization(key, lapsedMs - 1)?.expiresAtMs).toBe(lapsedMs);
    expect(standingAuthorization(key, lapsedMs)).toBeUndefined();
  });

  it('that lapsed keeps its policy and starts again', () => {
    const again = done(set(done(set(guarded())), 'ann', startMs + 8 * day));
    expect(again.policies?.dualAuthDelete?.isEnabled).toBe(true);
    expect(codeOf(remove(again, 'bob', startMs + 14 * day))).toBe('ok');
  });

  it('counts the newest authorization: its person and its seven days', () => {
    const key = done(set(done(set(guarded(), 'ann')), 'bob', startMs + 6 * day));
    expect(codeOf(remove(key, 'bob', startMs + 8 * day))).toBe('AUTHORIZATIONS_NOT_MET');
    expect(codeOf(remove(key, 'ann', startMs + 8 * day))).toBe('ok');
  });

  it('is not set for deletion any more once that was taken back, and taking back twice is no error', () => {
    const key = done(unset(done(set(guarded()))));
    expect(key).not.toHaveProperty('deletionAuthorization');
    expect(codeOf(remove(key))).toBe('AUTHORIZATIONS_NOT_MET');
    expect(codeOf(unset(key))).toBe('ok');
  });

  it('that was deleted and restored needs two persons again', () => {
    const deleted = done(remove(done(set(guarded()))));
    expect(deleted).not.toHaveProperty('deletionAuthorization');
    const restored = done(restoreKey(deleted, { stamp: freshStamp() }, startMs + 60_000));
    expect(codeOf(remove(restored, 'cid', startMs + 60_000))).toBe('AUTHORIZATIONS_NOT_MET');
  });

  it('that is deleted already says so first', () => {
    const deleted = done(remove(done(set(guarded()))));
    expect(codeOf(remove(deleted, 'ann'))).toBe('KEY_DELETED_ERR');
  });

  it('is set and unset while it is Active only, and is deleted when disabled too', () => {
    const key = done(set(guarded()));
    const disabled = done(disableKey(key, { stamp: freshStamp() }, startMs));
    expect([codeOf(set(disabled)), codeOf(unset(disabled))]).toEqual([
      'KEY_ACTION_INVALID_STATE_ERR',
      'KEY_ACTION_INVALID_STATE_ERR',
    ]);
    expect(codeOf(remove(disabled))).toBe('ok');
  });

  it('lapses by its own time when a clock goes back', () => {
    const key = done(set(guarded(), 'ann', startMs + day));
    expect(standingAuthorization(key, startMs)?.expiresAtMs).toBe(startMs + 8 * day);
  });
});

describe('no sequence of changes', () => {
  const people = ['ann', 'bob'] as const;
  const step = fc.record({
    action: fc.constantFrom('set', 'unset', 'remove', 'restore', 'disable'),
    person: fc.constantFrom(...people),
    waitMs: fc.constantFrom(0, 60_000, 3 * day, 7 * day),
  });

  it('lets one person delete the key, or two whose authorization is not seven days young', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
        let key = guarded();
        let nowMs = startMs;
        // The model: who set it for deletion last, and when; nothing else can let it be deleted.
        let standing: { readonly by: string; readonly atMs: number } | undefined;
        for (const { action, person, waitMs } of steps) {
          nowMs += waitMs;
          const stamp = freshStamp();
          const next = {
            set: () => set(key, person, nowMs),
            unset: () => unset(key, nowMs),
            remove: () => remove(key, person, nowMs),
            restore: () => restoreKey(key, { stamp }, nowMs),
            disable: () => disableKey(key, { stamp }, nowMs),
          }[action]();
          if (action === 'remove' && key.state !== keyState.destroyed) {
            const isMet = standing && standing.by !== person && nowMs - standing.atMs < 7 * day;
            expect(codeOf(next)).toBe(isMet ? 'ok' : 'AUTHORIZATIONS_NOT_MET');
          }
          if (!next.ok) continue;
          key = next.key;
          if (action === 'set') standing = { by: person, atMs: nowMs };
          if (action === 'unset' || action === 'remove') standing = undefined;
        }
      }),
      { numRuns: 500 },
    );
  });
});

describe('a key without dual authorization', () => {
  it('is neither set for deletion nor unset, nor is one whose policy says disabled', () => {
    const wishes = { dualAuthDelete: { isEnabled: false } };
    const author = { by: 'iam-1', ids: { dualAuthDelete: 'd', rotation: 'r' } };
    const explicit = done(setPolicies(madeKey(), { stamp: freshStamp(), wishes, author }, startMs));
    for (const key of [madeKey(), explicit]) {
      expect([codeOf(set(key)), codeOf(unset(key)), codeOf(remove(key))]).toEqual([
        'NOT_DUAL_AUTH_ERR',
        'NOT_DUAL_AUTH_ERR',
        'ok',
      ]);
    }
  });
});

describe('a repeat of an authorization', () => {
  it('by a correlation id is none once it was taken back', () => {
    const stamp = freshStamp({ tokenKind: 'correlation', tokenValue: 'c', parametersHash: 'p' });
    const again = { ...stamp, operationId: 'another' };
    const key = done(setForDeletion(guarded(), { stamp, authorizedBy: 'ann' }, startMs));
    expect(recogniseRepeat(key, again, 'setForDeletion', startMs).kind).toBe('replay');
    expect(recogniseRepeat(done(unset(key)), again, 'setForDeletion', startMs).kind).toBe('new');
  });
});
