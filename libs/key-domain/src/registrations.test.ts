import { describe, expect, it } from 'vitest';
import type { Key } from './key.ts';
import { freshStamp, madeKey, startMs } from './key-fixture.ts';
import {
  createRegistration,
  deleteRegistration,
  livingRegistration,
  noteRegistration,
  refuseProtected,
  registrationSerialOf,
  updateRegistration,
  withdrawnRegistration,
  type Registration,
  type RegistrationRecord,
  type RegistrationTransition,
  type RegistrationWishes,
} from './registrations.ts';
import { applied } from './transition.ts';

const resourceCrn = 'crn:v1:bluemix:public:databases:us-south:a/1:2:db:3';
const operation = applied(freshStamp(), 'register', startMs, 'name');
const author = { operation, iamId: 'iam-ServiceId-2' };
const key: Key = {
  ...madeKey(),
  versions: [
    { versionId: 'newest', createdAtMs: startMs + 2 },
    { versionId: 'middle', createdAtMs: startMs + 1 },
    { versionId: 'first', createdAtMs: startMs },
  ],
};

function done(result: RegistrationTransition): RegistrationRecord {
  if (!result.ok) throw new Error(result.refusal.code);
  return result.record;
}

function registered(over: Partial<Registration> = {}): Registration {
  const input = { key, resourceCrn, wishes: { description: 'd' }, author };
  const made = livingRegistration(done(createRegistration(undefined, input, startMs)));
  if (made === undefined) throw new Error('not made');
  return { ...made, ...over };
}

describe('a registration', () => {
  it('begins at the newest version, prevents nothing, and has revision 1', () => {
    expect(registered()).toMatchObject({
      keyVersionId: 'newest',
      preventsKeyDeletion: false,
      revision: 1,
    });
  });

  it.each([
    ['first', 'middle', 'ok'],
    ['first', 'newest', 'ok'],
    ['middle', 'middle', 'KEY_VERSION_INVALID'],
    ['middle', 'first', 'KEY_VERSION_INVALID'],
    ['middle', 'another', 'KEY_VERSION_INVALID'],
  ])('at version %s is given version %s: %s', (from, to, wanted) => {
    const input = { key, wishes: { keyVersionId: to }, wanted: undefined, author };
    const result = updateRegistration(registered({ keyVersionId: from }), input, startMs);
    expect(result.ok ? 'ok' : result.refusal.code).toBe(wanted);
  });

  it('is changed in what is wished only, and never goes back in time', () => {
    const wishes: RegistrationWishes = { preventsKeyDeletion: true };
    const before = registered();
    const input = { key, wishes, wanted: undefined, author };
    expect(done(updateRegistration(before, input, startMs - 5_000))).toEqual({
      ...before,
      preventsKeyDeletion: true,
      revision: 2,
    });
  });

  it('leaves nothing of the resource when it is deleted, and counts on when it is made again', () => {
    const gone = done(deleteRegistration(registered(), operation));
    expect(JSON.stringify(gone)).not.toContain(resourceCrn);
    const input = { key, resourceCrn, wishes: {}, author };
    expect(done(createRegistration(gone, input, startMs)).revision).toBe(3);
  });

  it('that is withdrawn is what was there before, under a new revision', () => {
    const before = registered();
    const input = { key, wishes: { description: 'e' }, wanted: undefined, author };
    const written = done(updateRegistration(before, input, startMs));
    expect(withdrawnRegistration(written, before)).toEqual({ ...before, revision: 3 });
    expect(withdrawnRegistration(before, undefined)).toEqual({ isDeleted: true, revision: 2 });
  });
});

describe('a key', () => {
  it('that takes note of a registration counts it, and changes no date', () => {
    const input = { stamp: freshStamp(), registration: 'name' };
    const noted = noteRegistration(key, input, startMs + 60_000);
    expect(noted.ok && registrationSerialOf(noted.key)).toBe(1);
    expect(noted.ok && [noted.key.updatedAtMs, noted.key.lastActionAtMs]).toEqual([
      key.updatedAtMs,
      key.lastActionAtMs,
    ]);
  });

  it.each([
    [false, false, false, undefined],
    [true, false, false, 'PROTECTED_RESOURCE_ERR'],
    [true, false, true, undefined],
    [true, true, false, 'PREV_KEY_DEL_ERR'],
    [true, true, true, 'PREV_KEY_DEL_ERR'],
  ])(
    'with registrations: %s, a retention: %s, forced: %s, is refused its deletion with %s',
    (isAny, isRetained, isForced, wanted) => {
      expect(refuseProtected({ isAny, isRetained }, isForced)?.code).toBe(wanted);
    },
  );
});
