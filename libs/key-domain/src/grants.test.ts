import { describe, expect, it } from 'vitest';
import { giveRoles, intendGrant, withdrawGrant, withdrawRoles } from './grant-changes.ts';
import {
  callerRoles,
  guardedOf,
  mayInInstance,
  mayInRing,
  mayOnKey,
  ringsAllowed,
  type Grants,
} from './grants.ts';
import { freshStamp, madeKey, startMs } from './key-fixture.ts';
import { createKeyRing, deleteKeyRing, noKeyRings, type KeyRings } from './key-rings.ts';
import { deleteKey, purgeKey } from './transitions.ts';

const right = 'kms.secrets.wrap';
const me = 'ApiKey-1';

function made(rings: KeyRings, id: string): KeyRings {
  const next = createKeyRing(rings, { id, createdBy: 'x', stamp: freshStamp() }, startMs);
  if (!next.ok) throw new Error(next.refusal.code);
  return next.rings;
}
function gone(rings: KeyRings, id: string): KeyRings {
  const next = deleteKeyRing(rings, { id, stamp: freshStamp() }, startMs);
  if (!next.ok) throw new Error(next.refusal.code);
  return next.rings;
}

const rings = made(made(noKeyRings, 'ring-a'), 'ring-b');
const inA = madeKey({ keyRingId: 'ring-a', keyRingNumber: 1 });
const onA: Grants = {
  [me]: { roles: [], keyRings: [{ keyRingId: 'ring-a', keyRingNumber: 1, roles: ['Reader'] }] },
};
const onDefault: Grants = {
  [me]: { roles: [], keyRings: [{ keyRingId: 'default', roles: ['Reader'] }] },
};

describe('roles on a ring', () => {
  const roles = callerRoles(me, onA, []);

  it('hold for its keys, and neither for others nor for the instance', () => {
    expect(mayOnKey(roles, right, inA, rings)).toBe(true);
    expect(mayOnKey(roles, right, madeKey(), rings)).toBe(false);
    expect(mayInRing(roles, right, 'ring-a', rings)).toBe(true);
    expect(mayInRing(roles, right, 'ring-b', rings)).toBe(false);
    expect(mayInRing(roles, right, 'no-such-ring', rings)).toBe(false);
    expect(mayInInstance(roles, right)).toBe(false);
    expect(ringsAllowed(roles, right, rings)).toEqual([{ keyRingId: 'ring-a', keyRingNumber: 1 }]);
  });

  it('end with the ring: neither default nor a ring made again under its name inherits them', () => {
    for (const after of [gone(rings, 'ring-a'), made(gone(rings, 'ring-a'), 'ring-a')]) {
      expect(mayOnKey(roles, right, inA, after)).toBe(false);
      expect(mayInRing(roles, right, 'ring-a', after)).toBe(false);
      expect(mayInRing(roles, right, 'default', after)).toBe(false);
      expect(ringsAllowed(roles, right, after)).toEqual([]);
      const inNewOne = madeKey({ keyRingId: 'ring-a', keyRingNumber: 3 });
      expect(mayOnKey(roles, right, inNewOne, after)).toBe(false);
      expect(mayOnKey(callerRoles(me, onDefault, []), right, inA, after)).toBe(true);
    }
  });

  it('on default hold for keys that name no ring', () => {
    const there = callerRoles(me, onDefault, []);
    expect(mayOnKey(there, right, madeKey(), rings)).toBe(true);
    expect(mayOnKey(there, right, inA, rings)).toBe(false);
    expect(ringsAllowed(there, right, rings)).toEqual([{ keyRingId: 'default' }]);
  });

  it('hold for a purged key of the ring still, and for no key that never was', () => {
    const stamp = { stamp: freshStamp(), deletedBy: 'x' };
    const deleted = deleteKey(inA, stamp, startMs + 60_000);
    if (!deleted.ok) throw new Error(deleted.refusal.code);
    const purged = purgeKey(deleted.key, { stamp: freshStamp() }, startMs + 86_400_000);
    if (!purged.ok) throw new Error(purged.refusal.code);
    expect(mayOnKey(roles, right, guardedOf(purged.key)!, rings)).toBe(true);
    expect(guardedOf(undefined)).toBeUndefined();
  });
});

describe('roles add up', () => {
  it('from the account, the instance, the ring and the key', () => {
    const key = madeKey();
    const friend = { ...key, grants: { [me]: { roles: ['Manager'] as const } } };
    expect(mayOnKey(callerRoles(me, {}, []), right, friend, rings)).toBe(true);
    expect(mayOnKey(callerRoles('ApiKey-2', {}, []), right, friend, rings)).toBe(false);
    expect(mayOnKey(callerRoles(me, undefined, ['Reader']), right, key, rings)).toBe(true);
    const both = callerRoles(me, { [me]: { roles: ['Reader'] } }, ['KeyPurge']);
    expect(mayInInstance(both, right) && mayInInstance(both, 'kms.secrets.purge')).toBe(true);
    expect(ringsAllowed(both, right, rings)).toBe('all');
  });
});

describe('giving', () => {
  const give = { credentialId: me, intent: 'i1', roles: ['Reader'] as const };

  function intended(grants: Grants, intent = 'i1', countMax = 9): Grants {
    const next = intendGrant(grants, { credentialId: me, intent }, countMax);
    if (typeof next === 'string') throw new Error(next);
    return next;
  }
  function given(grants: Grants, over: Partial<Parameters<typeof giveRoles>[1]> = {}): Grants {
    const next = giveRoles(grants, { ...give, ...over }, 9);
    if (typeof next === 'string') throw new Error(next);
    return next;
  }

  it('takes an intent that gives nothing, and then the roles; twice is once', () => {
    const first = intended({});
    expect(mayInInstance(callerRoles(me, first, []), right)).toBe(false);
    const once = given(first);
    expect(mayInInstance(callerRoles(me, once, []), right)).toBe(true);
    expect(given(once)).toEqual(once);
    expect(given(once, { roles: ['Manager'] })[me]?.roles).toEqual(['Reader', 'Manager']);
  });

  it('gives nothing once the intent was taken by a revocation, or by another who gives', () => {
    expect(giveRoles({}, give, 9)).toBe('overtaken');
    expect(giveRoles(withdrawGrant(intended({}), me), give, 9)).toBe('overtaken');
    expect(giveRoles(intended(intended({}), 'i2'), give, 9)).toBe('overtaken');
  });

  it('drops what was given on rings that are no more', () => {
    const ring = { keyRingId: 'ring-b', keyRingNumber: 2 };
    const after = gone(rings, 'ring-a');
    const next = given(intended(onA), { ring, rings: after });
    expect(next[me]?.keyRings).toEqual([{ ...ring, roles: ['Reader'] }]);
  });

  it('stops at the limit, where each ring counts like a credential', () => {
    const other: Grants = { 'ApiKey-2': { roles: ['Reader'] } };
    expect(intendGrant(other, { credentialId: me, intent: 'i' }, 1)).toBe('too-many');
    const ring = { keyRingId: 'ring-a', keyRingNumber: 1 };
    expect(giveRoles(intended(other, 'i1', 2), { ...give, ring }, 2)).toBe('too-many');
    expect(giveRoles(intended(other, 'i1', 2), give, 2)).not.toBe('too-many');
  });
});

describe('taking', () => {
  const both: Grants = { [me]: { ...onA[me]!, roles: ['Reader', 'Writer'] } };

  it('takes the roles named, or all, in the place named only', () => {
    const less = withdrawRoles(both, { credentialId: me, roles: ['Writer'] });
    expect(less[me]).toMatchObject({ roles: ['Reader'], keyRings: onA[me]?.keyRings });
    const none = withdrawRoles(both, { credentialId: me });
    expect(none[me]).toMatchObject({ roles: [], keyRings: onA[me]?.keyRings });
    const noRing = withdrawRoles(both, { credentialId: me, keyRingId: 'ring-a' });
    expect(noRing[me]).toMatchObject({ roles: ['Reader', 'Writer'], keyRings: [] });
  });

  it('leaves no trace of a credential that has nothing left', () => {
    expect(withdrawRoles(onA, { credentialId: me, keyRingId: 'ring-a' })).toEqual({});
    expect(withdrawGrant(both, me)).toEqual({});
    expect(withdrawGrant({}, me)).toEqual({});
  });
});
