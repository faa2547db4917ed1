// Which policy may be set on which key, and what of it stays (reference §8.1, §16.3, §17).
import { describe, expect, it } from 'vitest';
import { freshStamp, madeKey, startMs } from './key-fixture.ts';
import type { KeyPolicyWishes } from './key-policies.ts';
import { keyState, type Key } from './key.ts';
import { recogniseRepeat } from './repeat.ts';
import { setPolicies } from './set-policies.ts';
import { enableKey, disableKey, type Transition } from './transitions.ts';

let idCount = 0;

function set(key: Key, wishes: KeyPolicyWishes, nowMs = startMs, by = 'iam-1'): Transition {
  idCount += 1;
  const ids = { dualAuthDelete: `dual-${idCount}`, rotation: `rotation-${idCount}` };
  return setPolicies(key, { stamp: freshStamp(), wishes, author: { by, ids } }, nowMs);
}

function done(transition: Transition): Key {
  if (!transition.ok) throw new Error(transition.refusal.code);
  return transition.key;
}

function refusalOf(transition: Transition): string {
  if (transition.ok) return 'ok';
  const { code, target } = transition.refusal;
  return target === undefined ? code : `${code} ${target.name}`;
}

const rotation = (isEnabled: boolean, intervalMonths?: number): KeyPolicyWishes => ({
  rotation: { isEnabled, ...(intervalMonths === undefined ? {} : { intervalMonths }) },
});
const dualAuth = (isEnabled: boolean): KeyPolicyWishes => ({ dualAuthDelete: { isEnabled } });

describe('a policy', () => {
  it('that is new has the id, the maker and the time of its request', () => {
    const key = done(set(madeKey(), rotation(true, 3), startMs + 5_000));
    expect(key.policies).toEqual({
      rotation: {
        id: `rotation-${idCount}`,
        isEnabled: true,
        intervalMonths: 3,
        createdAtMs: startMs + 5_000,
        createdBy: 'iam-1',
        updatedAtMs: startMs + 5_000,
        updatedBy: 'iam-1',
      },
    });
  });

  it('that is set again keeps id and maker, and says who changed it when', () => {
    const before = done(set(madeKey(), rotation(true, 3)));
    const after = done(set(before, rotation(true, 4), startMs + 1_000, 'iam-2'));
    expect(after.policies?.rotation).toEqual({
      ...before.policies?.rotation,
      intervalMonths: 4,
      updatedAtMs: startMs + 1_000,
      updatedBy: 'iam-2',
    });
  });

  it('leaves the other one alone', () => {
    const before = done(set(madeKey(), dualAuth(true)));
    const after = done(set(before, rotation(true, 3), startMs + 1_000));
    expect(after.policies?.dualAuthDelete).toEqual(before.policies?.dualAuthDelete);
  });

  it('changes the date of the key and no wait of its life: an enable need not wait for it', () => {
    const disabled = done(disableKey(madeKey(), { stamp: freshStamp() }, startMs));
    const later = startMs + 30_000;
    const key = done(set(disabled, dualAuth(true), later));
    expect(key.updatedAtMs).toBe(later);
    expect(done(enableKey(key, { stamp: freshStamp() }, later)).state).toBe(keyState.active);
  });

  it('may be set while the key is disabled, not once it is deleted', () => {
    const at = (state: Key['state']): string =>
      refusalOf(set({ ...madeKey(), state }, dualAuth(true)));
    expect([at(keyState.suspended), at(keyState.deactivated)]).toEqual(['ok', 'ok']);
    expect(at(keyState.destroyed)).toBe('KEY_DELETED_ERR');
  });
});

describe('a rotation policy', () => {
  it('keeps its interval when a request names none, and stores one that comes with a disable', () => {
    const set3 = done(set(madeKey(), rotation(true, 3)));
    const disabled = done(set(set3, rotation(false)));
    expect(disabled.policies?.rotation).toMatchObject({ isEnabled: false, intervalMonths: 3 });
    const changed = done(set(disabled, rotation(false, 5)));
    expect(changed.policies?.rotation).toMatchObject({ isEnabled: false, intervalMonths: 5 });
    const enabled = done(set(changed, rotation(true)));
    expect(enabled.policies?.rotation).toMatchObject({ isEnabled: true, intervalMonths: 5 });
  });

  it('needs an interval to be enabled, none to be disabled', () => {
    expect(refusalOf(set(madeKey(), rotation(true)))).toBe('INVALID_FIELD_ERR interval_month');
    expect(done(set(madeKey(), rotation(false))).policies?.rotation).not.toHaveProperty(
      'intervalMonths',
    );
  });

  it('is for generated root keys', () => {
    const standard = set(madeKey({ isExtractable: true }), rotation(true, 3));
    expect(refusalOf(standard)).toBe('KEY_ROOT_REQ_ERR');
    const imported = set(madeKey({ isImported: true }), rotation(true, 3));
    expect(refusalOf(imported)).toBe('INVALID_FIELD_ERR rotation');
  });
});

describe('dual authorization', () => {
  it('is for every kind of key', () => {
    for (const kind of [{ isExtractable: true }, { isImported: true }, {}]) {
      const key = done(set(madeKey(kind), dualAuth(true)));
      expect(key.policies?.dualAuthDelete?.isEnabled).toBe(true);
    }
  });

  it('may be stored as disabled, and is never switched off', () => {
    const explicit = done(set(madeKey(), dualAuth(false)));
    expect(explicit.policies?.dualAuthDelete?.isEnabled).toBe(false);
    const enabled = done(set(explicit, dualAuth(true)));
    expect(refusalOf(set(enabled, dualAuth(false)))).toBe('INVALID_FIELD_ERR dualAuthDelete');
    expect(refusalOf(set(enabled, dualAuth(true)))).toBe('ok');
  });

  it('that may not be switched off takes the rotation of the same request down with it', () => {
    const enabled = done(set(madeKey(), dualAuth(true)));
    const both = set(enabled, { ...rotation(true, 3), ...dualAuth(false) });
    expect(refusalOf(both)).toBe('INVALID_FIELD_ERR dualAuthDelete');
  });
});

describe('a repeat of a policy', () => {
  it('by a correlation id is none once another was set: the interval that was wished last counts', () => {
    const stamp = (value: string) =>
      freshStamp({ tokenKind: 'correlation', tokenValue: value, parametersHash: value });
    const author = { by: 'iam-1', ids: { dualAuthDelete: 'd', rotation: 'r' } };
    const first = { stamp: stamp('one month'), wishes: rotation(true, 1), author };
    const second = { stamp: stamp('two months'), wishes: rotation(true, 2), author };
    const once = done(setPolicies(madeKey(), first, startMs));
    const again = stamp('one month');
    expect(recogniseRepeat(once, again, 'setPolicies', startMs).kind).toBe('replay');
    const twice = done(setPolicies(once, second, startMs));
    expect(recogniseRepeat(twice, again, 'setPolicies', startMs).kind).toBe('new');
  });
});
